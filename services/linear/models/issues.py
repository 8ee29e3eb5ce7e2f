"""Issues and what hangs on them."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AliasPath, Field, model_validator

from services.linear.models.wire import Connection, Link, Person, Wire, each_of

Relation = Literal["blocks", "blocked_by", "related", "duplicate"]


class Issue(Wire):
    """One issue: people by e-mail, all else by name; priority 0 none, 1 urgent to 4 low."""

    uuid: str = Field(validation_alias="id", exclude=True)
    id: str = Field(validation_alias="identifier")
    title: str
    state: str = Field(validation_alias=AliasPath("state", "name"))
    state_type: str = Field(validation_alias=AliasPath("state", "type"), exclude=True)
    team: str = Field(validation_alias=AliasPath("team", "key"))
    team_id: str = Field(validation_alias=AliasPath("team", "id"), exclude=True)
    assignee: str | None = Field(default=None, validation_alias=AliasPath("assignee", "email"))
    assigned: Person | None = Field(default=None, validation_alias="assignee", exclude=True)
    priority: int = 0
    estimate: float | None = None
    labels: Annotated[tuple[str, ...], each_of("name")] = Field(
        default=(), validation_alias=AliasPath("labels", "nodes")
    )
    project: str | None = Field(default=None, validation_alias=AliasPath("project", "name"))
    project_link: Link | None = Field(default=None, validation_alias="project", exclude=True)
    milestone: str | None = Field(
        default=None, validation_alias=AliasPath("projectMilestone", "name")
    )
    cycle: int | None = Field(default=None, validation_alias=AliasPath("cycle", "number"))
    parent: str | None = Field(default=None, validation_alias=AliasPath("parent", "identifier"))
    parent_title: str = Field(
        default="", validation_alias=AliasPath("parent", "title"), exclude=True
    )
    due_date: date | None = None
    url: str
    created_at: datetime
    updated_at: datetime


class Comment(Wire):
    """A comment; reply_to is the id of the one it answers."""

    id: str
    author: str | None = Field(default=None, validation_alias=AliasPath("user", "name"))
    user: Person | None = Field(default=None, exclude=True)
    body: str
    reply_to: str | None = Field(default=None, validation_alias=AliasPath("parent", "id"))
    url: str = Field(default="", exclude=True)
    created_at: datetime
    updated_at: datetime = Field(exclude=True)


class Child(Wire):
    """A sub-issue."""

    id: str = Field(validation_alias="identifier")
    title: str
    state: str = Field(validation_alias=AliasPath("state", "name"))


class Attachment(Wire):
    """A link kept with an issue."""

    title: str
    url: str


class Related(Wire):
    """Another issue, and what it is to the one that was asked for."""

    relation: Relation
    id: str = Field(validation_alias="identifier")
    title: str


class IssueDetail(Issue):
    """One issue with its text, and what was asked to be included."""

    description: str | None = None
    creator: str | None = Field(default=None, validation_alias=AliasPath("creator", "email"))
    branch_name: str = ""
    comments: tuple[Comment, ...] | None = None
    children: tuple[Child, ...] | None = None
    relations: tuple[Related, ...] | None = None
    attachments: tuple[Attachment, ...] | None = None
    comments_cursor: str | None = None
    truncated: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _flat(cls, given: Any) -> Any:
        """Turn connections into lists, oldest comment first, and note which go on."""
        if not isinstance(given, dict):
            return given
        flat, truncated = dict(given), []
        for name in ("comments", "children", "attachments", "relations", "inverseRelations"):
            page = flat.get(name)
            if isinstance(page, dict):
                flat[name] = page["nodes"]
                if page.get("pageInfo", {}).get("hasNextPage"):
                    truncated.append("relations" if name == "inverseRelations" else name)
        if "comments" in truncated:
            flat["comments_cursor"] = given["comments"]["pageInfo"]["endCursor"]
        if "comments" in flat:
            flat["comments"] = sorted(flat["comments"], key=lambda each: str(each["createdAt"]))
        if "relations" in flat:
            inverse = flat.pop("inverseRelations", ())
            flat["relations"] = [_related(each) for each in (*flat["relations"], *inverse)]
        flat.setdefault("truncated", tuple(dict.fromkeys(truncated)))
        return flat


def with_comments(issue: IssueDetail, page: Connection[Comment]) -> IssueDetail:
    """Return *issue* with a further page of its comments."""
    more = ("comments",) if page.next_cursor else ()
    return issue.model_copy(
        update={
            "comments": tuple(sorted(page.nodes, key=lambda each: each.created_at)),
            "comments_cursor": page.next_cursor,
            "truncated": (*more, *issue.truncated),
        }
    )


def _related(node: dict[str, Any]) -> dict[str, Any]:
    """Return the far end of a relation, named from this end."""
    inverse = "issue" in node
    kind = node["type"] if node["type"] in {"blocks", "duplicate"} else "related"
    return {
        "relation": "blocked_by" if inverse and kind == "blocks" else kind,
        **node["issue" if inverse else "relatedIssue"],
    }
