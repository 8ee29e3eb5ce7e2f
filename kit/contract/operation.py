"""What an operation is: one typed question or command of a capability."""

from dataclasses import dataclass
from enum import StrEnum

from pydantic import BaseModel


class Capability(StrEnum):
    """A family of things that can be asked."""

    TASKS = "TASKS"
    MESSAGES = "MESSAGES"
    CRM = "CRM"
    CALLS = "CALLS"
    DOCUMENTS = "DOCUMENTS"
    PEOPLE = "PEOPLE"
    MEMORY = "MEMORY"
    SEARCH = "SEARCH"
    ANALYTICS = "ANALYTICS"
    EMBEDDING = "EMBEDDING"
    COMPLETION = "COMPLETION"
    CACHE = "CACHE"
    PUBSUB = "PUBSUB"
    STATE = "STATE"


class Route(StrEnum):
    """How an operation chooses servers."""

    MERGE = "merge"
    ROUTE = "route"
    FAILOVER = "failover"
    PLACE = "place"


class Safety(StrEnum):
    """What may be retried or failed over."""

    READ = "read"
    IDEMPOTENT = "idempotent"
    WRITE = "write"


@dataclass(frozen=True, slots=True)
class Merge:
    """How the answers of several servers become one.

    Attributes:
        key: The item's field that says two items are the same thing.
        join: A list field whose entries are united when two items are the same; none: the
            first one stays.
    """

    key: str
    join: str | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the contract.

    Attributes:
        name: Capability and verb, ``tasks.search``.
        title: For people, a few words.
        description: For models that choose a tool; under 300 characters.
        route: How servers are chosen.
        safety: What may be retried.
        arguments: Model of the arguments; unknown ones are refused.
        result: Model of the answer.
        ref_argument: For ``route``: the argument whose ref names the provider; for
            ``place``: the one that names the container.
        merge: For ``merge``: how answers are united.
        destructive: It can destroy what was there.
    """

    name: str
    title: str
    description: str
    capability: Capability
    route: Route
    safety: Safety
    arguments: type[BaseModel]
    result: type[BaseModel]
    ref_argument: str | None = None
    merge: Merge | None = None
    destructive: bool = False

    @property
    def tool(self) -> str:
        """The MCP tool name that serves it by default, ``tasks_search``."""
        return self.name.replace(".", "_")
