"""What the company is made of, in words that belong to no vendor."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

DOMAIN = "example.com"


class Status(StrEnum):
    """Where a piece of work stands."""

    BACKLOG = "backlog"
    TODO = "todo"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    CANCELED = "canceled"


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who works here; the e-mail address is the same in every vendor."""

    name: str
    title: str
    team: str  # a Team's key

    @property
    def email(self) -> str:
        """Return ``first.last@example.com``."""
        return f"{self.name.lower().replace(' ', '.')}@{DOMAIN}"


@dataclass(frozen=True, slots=True)
class Team:
    """A group of people, and the vendor that its work is kept in."""

    key: str
    name: str
    tracker: str  # "linear" or "asana"
    description: str


@dataclass(frozen=True, slots=True)
class Customer:
    """A company that buys from ours."""

    name: str
    domain: str


@dataclass(frozen=True, slots=True)
class Project:
    """Work with a goal and an end; it lives in its team's tracker."""

    name: str
    team: str
    lead: str  # e-mail
    summary: str
    subjects: tuple[str, ...]
    starts_in_days: int
    ends_in_days: int


@dataclass(frozen=True, slots=True)
class Remark:
    """One comment on a piece of work."""

    author: str  # e-mail
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Work:
    """A task or an issue, whatever its tracker calls it."""

    number: int  # counts from 1 within its team
    team: str
    project: str | None
    title: str
    body: str
    author: str  # e-mail
    assignee: str | None  # e-mail
    status: Status
    priority: int  # 0 none, 1 urgent to 4 low
    labels: tuple[str, ...]
    created_at: datetime
    updated_at: datetime
    due_on: date | None
    remarks: tuple[Remark, ...]
    parent: int | None = None  # number of a piece of work in the same team
    blocked_by: int | None = None  # likewise


@dataclass(frozen=True, slots=True)
class Company:
    """Everything there is on the day the sandbox starts."""

    name: str
    seed: int
    founded_at: datetime
    now: datetime
    viewer: str  # e-mail of the person whose tokens the sandbox gives out
    people: tuple[Person, ...]
    teams: tuple[Team, ...]
    former: tuple[Person, ...]  # people who left
    customers: tuple[Customer, ...]
    projects: tuple[Project, ...]
    labels: Mapping[str, str]  # name to colour
    work: tuple[Work, ...]

    def tracked_in(self, tracker: str) -> tuple[Team, ...]:
        """Return the teams whose work *tracker* holds."""
        return tuple(team for team in self.teams if team.tracker == tracker)
