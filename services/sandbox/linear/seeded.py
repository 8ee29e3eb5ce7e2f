"""Linear's view of the company: its product teams' work, people and plans."""

from datetime import datetime, timedelta

from services.sandbox.company.model import Company, Person, Status, Work
from services.sandbox.company.model import Project as Plan
from services.sandbox.company.model import Team as CompanyTeam
from services.sandbox.linear.issue import Comment, Issue, IssueRelation
from services.sandbox.linear.plan import Cycle, Project, ProjectMilestone, ProjectStatus
from services.sandbox.linear.store import Store, stable_id
from services.sandbox.linear.workspace import (
    IssueLabel,
    Organization,
    Team,
    User,
    WorkflowState,
)

_STATES = (
    ("Backlog", "backlog", "#bec2c8"),
    ("Todo", "unstarted", "#e2e2e2"),
    ("In Progress", "started", "#f2c94c"),
    ("In Review", "started", "#0f783c"),
    ("Done", "completed", "#5e6ad2"),
    ("Canceled", "canceled", "#95a2b3"),
    ("Duplicate", "canceled", "#95a2b3"),
)
_PROJECT_STATUSES = (
    ("Backlog", "backlog", "#bec2c8"),
    ("Planned", "planned", "#e2e2e2"),
    ("In Progress", "started", "#f2c94c"),
    ("Paused", "paused", "#f2994a"),
    ("Completed", "completed", "#5e6ad2"),
    ("Canceled", "canceled", "#95a2b3"),
)
_STATE_OF = {
    Status.BACKLOG: "Backlog",
    Status.TODO: "Todo",
    Status.IN_PROGRESS: "In Progress",
    Status.DONE: "Done",
    Status.CANCELED: "Canceled",
}
_MILESTONES = ("Beta", "Launch")
_CYCLE_DAYS = 14
_CYCLES = range(-2, 3)  # two past, one now, two to come
_ESTIMATES = (None, 1, 2, 3, 5, 8)


def build(company: Company) -> Store:
    """Return Linear as it is on the company's first day in the sandbox."""
    return _Builder(company).store()


class _Builder:
    def __init__(self, company: Company) -> None:
        self._company = company
        self._founded = company.founded_at
        self.organization = Organization(
            id=stable_id("organization", company.name),
            created_at=self._founded,
            updated_at=self._founded,
            name=company.name,
            url_key=company.name.lower().replace(" ", "-"),
        )
        self._users = {person.email: self._user(person) for person in company.people}
        self._store = Store(self.organization, self._users[company.viewer])

    def store(self) -> Store:
        """Return the filled store."""
        self._store.add(self.organization)
        for user in self._users.values():
            self.organization.users.append(self._store.add(user))
        for person in self._company.former:
            self._store.add(self._user(person, active=False))
        labels = {name: self._label(name, colour) for name, colour in self._company.labels.items()}
        statuses = [self._status(n, *each) for n, each in enumerate(_PROJECT_STATUSES)]
        for team in self._company.tracked_in("linear"):
            made = self._team(team)
            plans = {
                plan.name: self._project(plan, made, statuses)
                for plan in self._company.projects
                if plan.team == team.key
            }
            work = [each for each in self._company.work if each.team == team.key]
            issues = {each.number: self._issue(each, made, plans, labels) for each in work}
            for each in work:
                self._relate(each, issues)
            made.last_number = max(issues)
        return self._store

    def _user(self, person: Person, *, active: bool = True) -> User:
        ceo = person.email == self._company.viewer
        return User(
            id=stable_id("user", person.email),
            created_at=self._founded,
            updated_at=self._founded,
            name=person.name,
            display_name=person.email.split("@")[0],
            email=person.email,
            title=person.title,
            organization=self.organization,
            is_me=ceo,
            admin=ceo,
            owner=ceo,
            active=active,
            is_assignable=active,
        )

    def _label(self, name: str, colour: str) -> IssueLabel:
        label = IssueLabel(
            id=stable_id("label", name),
            created_at=self._founded,
            updated_at=self._founded,
            name=name,
            color=colour,
            creator=self._store.viewer,
        )
        self.organization.labels.append(label)
        return self._store.add(label)

    def _status(self, position: int, name: str, kind: str, colour: str) -> ProjectStatus:
        status = ProjectStatus(
            id=stable_id("project-status", name),
            created_at=self._founded,
            updated_at=self._founded,
            name=name,
            type=kind,
            color=colour,
            position=float(position),
        )
        self.organization.project_statuses.append(status)
        return self._store.add(status)

    def _team(self, team: CompanyTeam) -> Team:
        made = Team(
            id=stable_id("team", team.key),
            created_at=self._founded,
            updated_at=self._founded,
            name=team.name,
            key=team.key,
            description=team.description,
            organization=self.organization,
        )
        for person in self._company.people:
            if person.team == team.key or person.email == self._company.viewer:
                made.members.append(self._users[person.email])
                self._users[person.email].teams.append(made)
        for position, (name, kind, colour) in enumerate(_STATES):
            state = WorkflowState(
                id=stable_id("state", f"{team.key}/{name}"),
                created_at=self._founded,
                updated_at=self._founded,
                name=name,
                type=kind,
                color=colour,
                position=float(position),
                team=made,
            )
            made.states.append(self._store.add(state))
        made.cycles.extend(self._cycle(made, place) for place in _CYCLES)
        self.organization.teams.append(made)
        return self._store.add(made)

    def _cycle(self, team: Team, place: int) -> Cycle:
        """Return the cycle that is *place* cycles from the one that runs now."""
        today = self._company.now.replace(hour=0, minute=0, second=0)
        start = today + timedelta(days=_CYCLE_DAYS * place - 5)
        end = start + timedelta(days=_CYCLE_DAYS)
        number = 40 + place
        cycle = Cycle(
            id=stable_id("cycle", f"{team.key}/{number}"),
            created_at=start - timedelta(days=_CYCLE_DAYS * 2),
            updated_at=min(start, self._company.now),
            number=number,
            team=team,
            starts_at=start,
            ends_at=end,
            is_active=place == 0,
            is_past=place < 0,
            is_future=place > 0,
            is_next=place == 1,
            is_previous=place == -1,
            completed_at=end if place < 0 else None,
        )
        return self._store.add(cycle)

    def _project(self, plan: Plan, team: Team, statuses: list[ProjectStatus]) -> Project:
        now = self._company.now
        start = now + timedelta(days=plan.starts_in_days)
        project = Project(
            id=stable_id("project", plan.name),
            created_at=start - timedelta(days=10),
            updated_at=start,
            name=plan.name,
            description=plan.summary,
            content=f"## Goal\n\n{plan.summary}\n",
            slug_id=stable_id("slug", plan.name)[:12].replace("-", ""),
            status=next(status for status in statuses if status.type == "started"),
            organization=self.organization,
            creator=self._users[plan.lead],
            lead=self._users[plan.lead],
            priority=2,
            start_date=start.date(),
            target_date=(now + timedelta(days=plan.ends_in_days)).date(),
            started_at=start,
            teams=[team],
            members=list(team.members),
        )
        team.projects.append(project)
        for place, name in enumerate(_MILESTONES, start=1):
            milestone = ProjectMilestone(
                id=stable_id("milestone", f"{plan.name}/{name}"),
                created_at=project.created_at,
                updated_at=project.created_at,
                name=name,
                project=project,
                sort_order=float(place),
                target_date=project.target_date if place == len(_MILESTONES) else None,
            )
            project.project_milestones.append(self._store.add(milestone))
        return self._store.add(project)

    def _issue(
        self, work: Work, team: Team, plans: dict[str, Project], labels: dict[str, IssueLabel]
    ) -> Issue:
        state = next(each for each in team.states if each.name == _STATE_OF[work.status])
        closed = work.updated_at if state.type in {"completed", "canceled"} else None
        started = state.type in {"started", "completed"}
        issue = Issue(
            id=stable_id("issue", f"{team.key}/{work.number}"),
            created_at=work.created_at,
            updated_at=work.updated_at,
            number=work.number,
            title=work.title,
            description=work.body,
            team=team,
            state=state,
            priority=work.priority,
            estimate=_ESTIMATES[work.number % len(_ESTIMATES)],
            sort_order=float(-work.number),
            due_date=work.due_on,
            creator=self._users[work.author],
            started_at=_between(work.created_at, work.updated_at) if started else None,
            completed_at=closed if state.type == "completed" else None,
            canceled_at=closed if state.type == "canceled" else None,
        )
        self._users[work.author].created_issues.append(issue)
        if work.assignee:
            issue.assignee = self._users[work.assignee]
            issue.assignee.assigned_issues.append(issue)
        if work.project:
            issue.project = plans[work.project]
            issue.project.issues.append(issue)
            if work.number % 3:
                milestone = issue.project.project_milestones[work.number % 3 - 1]
                issue.project_milestone = milestone
                milestone.issues.append(issue)
        if state.type == "started":
            issue.cycle = team.active_cycle
            team.cycles[2].issues.append(issue)
        for name in work.labels:
            issue.labels.append(labels[name])
            labels[name].issues.append(issue)
        issue.comments.extend(
            self._store.add(
                Comment(
                    id=stable_id("comment", f"{issue.identifier}/{place}"),
                    created_at=remark.at,
                    updated_at=remark.at,
                    body=remark.text,
                    user=self._users[remark.author],
                    issue=issue,
                )
            )
            for place, remark in enumerate(work.remarks)
        )
        team.issues.append(issue)
        return self._store.add(issue)

    def _relate(self, work: Work, issues: dict[int, Issue]) -> None:
        issue = issues[work.number]
        if work.parent:
            issue.parent = issues[work.parent]
            issue.parent.children.append(issue)
        if work.blocked_by:
            relation = IssueRelation(
                id=stable_id("relation", issue.identifier),
                created_at=issue.created_at,
                updated_at=issue.created_at,
                type="blocks",
                issue=issues[work.blocked_by],
                related_issue=issue,
            )
            relation.issue.relations.append(self._store.add(relation))
            issue.inverse_relations.append(relation)


def _between(start: datetime, end: datetime) -> datetime:
    return start + (end - start) / 2
