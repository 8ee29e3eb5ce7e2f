"""Tags."""

from services.sandbox.asana import errors, params
from services.sandbox.asana.endpoint import NOTHING, Asked, Endpoint, Many, One, Result
from services.sandbox.asana.records import Tag, Workspace

_WRITABLE = frozenset({"color", "name", "notes"})
_READ_ONLY = frozenset(Tag.FULL) - _WRITABLE


def _tags(asked: Asked) -> Many:
    asked.named(Workspace, "workspace")
    return Many(asked.store.every(Tag))


def _tags_of_workspace(asked: Asked) -> Many:
    asked.at(Workspace)
    return Many(asked.store.every(Tag))


def _tag(asked: Asked) -> One:
    return One(asked.at(Tag))


def _create(asked: Asked) -> One:
    if "workspace_gid" in asked.path:
        asked.at(Workspace)
    else:
        asked.needed(Workspace, "workspace")
    if not asked.data.get("name"):
        raise errors.missing("name")
    tag = Tag(
        gid=asked.store.new_gid(),
        name=params.text("name", asked.data["name"]),
        workspace=asked.store.workspace,
        created_at=asked.now,
        color=asked.data.get("color"),
        notes=params.text("notes", asked.data.get("notes", "")),
        followers=[asked.store.viewer],
    )
    return One(asked.store.add(tag))


def _update(asked: Asked) -> One:
    tag = asked.at(Tag)
    tag.name = params.text("name", asked.data.get("name", tag.name))
    tag.notes = params.text("notes", asked.data.get("notes", tag.notes))
    tag.color = asked.data.get("color", tag.color)
    return One(tag)


def _delete(asked: Asked) -> Result:
    tag = asked.at(Tag)
    for task in tag.tasks:
        task.tags.remove(tag)
    del asked.store.records[tag.gid]
    return NOTHING


ENDPOINTS = (
    Endpoint("GET", "/tags", _tags, Tag, paged=True, query=frozenset({"workspace"})),
    Endpoint(
        "POST",
        "/tags",
        _create,
        Tag,
        body=_WRITABLE | {"workspace"},
        read_only=_READ_ONLY - {"workspace"},
        status=201,
    ),
    Endpoint("GET", "/tags/{tag_gid}", _tag, Tag),
    Endpoint("PUT", "/tags/{tag_gid}", _update, Tag, body=_WRITABLE, read_only=_READ_ONLY),
    Endpoint("DELETE", "/tags/{tag_gid}", _delete),
    Endpoint("GET", "/workspaces/{workspace_gid}/tags", _tags_of_workspace, Tag, paged=True),
    Endpoint(
        "POST",
        "/workspaces/{workspace_gid}/tags",
        _create,
        Tag,
        body=_WRITABLE,
        read_only=_READ_ONLY,
        status=201,
    ),
)
