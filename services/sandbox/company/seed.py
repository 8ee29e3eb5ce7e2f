"""Make the company from a seed: the same seed and the same day give the same company."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from services.sandbox.company.model import Company, Person, Project, Remark, Status, Team, Work
from services.sandbox.company.people import COMPANY, CUSTOMERS, FORMER, PEOPLE, TEAMS, VIEWER
from services.sandbox.company.projects import (
    ASANA_TITLES,
    LABELS,
    LINEAR_TITLES,
    PROJECTS,
    REMARKS,
)

FOUNDED_DAYS_AGO = 900
WORK_PER_PROJECT = 20
WORK_WITHOUT_PROJECT = 1  # a team
_STATUSES = (
    *[Status.BACKLOG] * 4,
    *[Status.TODO] * 5,
    *[Status.IN_PROGRESS] * 4,
    *[Status.DONE] * 6,
    Status.CANCELED,
)
_FINISHED = {Status.DONE, Status.CANCELED}

_T = TypeVar("_T")


def found(seed: int, now: datetime) -> Company:
    """Return the company of *seed* as it stands at *now*."""
    now = now.replace(microsecond=0)
    chance = _Chance(random.Random(f"sophia-sandbox-{seed}"))  # noqa: S311 -- not a secret
    work: list[Work] = []
    for team in TEAMS:
        plans: list[Project | None] = [p for p in PROJECTS if p.team == team.key]
        members = [person for person in PEOPLE if person.team == team.key]
        seen: set[str] = set()
        number = 0
        for plan in (*plans, None):
            for _ in range(WORK_PER_PROJECT if plan else WORK_WITHOUT_PROJECT):
                number += 1
                work.append(chance.work(number, team, plan, members, now, seen))
    return Company(
        name=COMPANY,
        seed=seed,
        founded_at=now - timedelta(days=FOUNDED_DAYS_AGO),
        now=now,
        viewer=VIEWER,
        people=PEOPLE,
        teams=TEAMS,
        former=FORMER,
        customers=CUSTOMERS,
        projects=PROJECTS,
        labels=LABELS,
        work=tuple(work),
    )


@dataclass(frozen=True, slots=True)
class _Chance:
    """What is left to chance, all of it from one generator."""

    random: random.Random

    def pick(self, options: Sequence[_T]) -> _T:
        return options[self.random.randrange(len(options))]

    def often(self, share: float) -> bool:
        return self.random.random() < share

    def minutes(self, low_days: float, high_days: float) -> timedelta:
        return timedelta(minutes=self.random.randint(int(low_days * 1440), int(high_days * 1440)))

    def work(
        self,
        number: int,
        team: Team,
        plan: Project | None,
        members: Sequence[Person],
        now: datetime,
        seen: set[str],
    ) -> Work:
        """Return one piece of work whose title is not in *seen*, and add it there."""
        title, body, customer = self.wording(team, plan, seen)
        status = self.pick(_STATUSES)
        assignee = self.pick(members).email if status is Status.IN_PROGRESS else None
        if status is not Status.IN_PROGRESS and self.often(0.75):
            assignee = (self.pick(members) if self.often(0.9) else self.pick(PEOPLE)).email
        created = now - self.minutes(2, 90)
        updated = min(created + self.minutes(0.1, 60), now - self.minutes(0.01, 1))
        remarks = self.remarks(created, updated, customer)
        late = status not in _FINISHED and self.often(0.15)
        days = self.random.randint(-12, -1) if late else self.random.randint(1, 60)
        due = (now + timedelta(days=days)).date() if self.often(0.6) else None
        return Work(
            number=number,
            team=team.key,
            project=plan.name if plan else None,
            title=title,
            body=body,
            author=self.pick(members).email,
            assignee=assignee,
            status=status,
            priority=self.pick((0, 0, 1, 2, 2, 3, 3, 3, 4)),
            labels=self.labels(title),
            created_at=created,
            updated_at=updated,
            due_on=due,
            remarks=remarks,
            parent=number - 1 if number % 7 == 0 else None,  # never its own ancestor
            blocked_by=number - 2 if number % 9 == 0 else None,
        )

    def wording(self, team: Team, plan: Project | None, seen: set[str]) -> tuple[str, str, str]:
        """Return a title that the team does not have yet, its body, and a customer's name."""
        subjects = plan.subjects if plan else (f"the {team.name.lower()} backlog",)
        titles = LINEAR_TITLES if team.tracker == "linear" else ASANA_TITLES
        while True:
            words = {"subject": self.pick(subjects), "customer": self.pick(CUSTOMERS).name}
            title, body = self.pick(titles)
            filled = title.format(**words)
            if filled not in seen:
                seen.add(filled)
                return filled, body.format(**words), words["customer"]

    def remarks(self, created: datetime, updated: datetime, customer: str) -> tuple[Remark, ...]:
        """Return up to three comments between *created* and *updated*, oldest first."""
        count = self.pick((0, 0, 1, 1, 2, 3))
        span = (updated - created).total_seconds()
        moments = sorted(
            created + timedelta(seconds=int(span * self.random.random())) for _ in range(count)
        )
        return tuple(
            Remark(self.pick(PEOPLE).email, self.pick(REMARKS).format(customer=customer), moment)
            for moment in moments
        )

    def labels(self, title: str) -> tuple[str, ...]:
        """Return none to three labels; what mentions billing always has that one."""
        chosen = [name for name in LABELS if name != "Billing" and self.often(0.2)][:2]
        return (*chosen, "Billing") if "billing" in title.lower() else tuple(chosen)
