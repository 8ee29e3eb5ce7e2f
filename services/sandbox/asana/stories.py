"""Comments, and the lines that say what happened to a task."""

from services.sandbox.asana import errors, params
from services.sandbox.asana.endpoint import NOTHING, Asked, Endpoint, Many, One, Result
from services.sandbox.asana.task import Story, Task
from services.sandbox.asana.texts import markup, text_of

_WRITABLE = frozenset({"html_text", "is_pinned", "text"})
_READ_ONLY = frozenset({*Story.FULL, *Story.OPTIONAL}) - _WRITABLE


def _text(asked: Asked) -> tuple[str, str | None]:
    """Return the text, and the rich text where that was given."""
    given = asked.data
    if ("text" in given) is ("html_text" in given):
        raise errors.Refused(400, "You must specify exactly one of text or html_text")
    html = None if "text" in given else markup("html_text", given["html_text"])
    text = params.text("text", given["text"]) if html is None else text_of(html)
    if not text:
        raise errors.missing("text")
    return text, html


def _list(asked: Asked) -> Many:
    oldest_first: list[Story] = sorted(asked.at(Task).stories, key=lambda each: each.created_at)
    return Many(oldest_first)


def _create(asked: Asked) -> One:
    task = asked.at(Task)
    text, html = _text(asked)
    story = Story(
        gid=asked.store.new_gid(),
        created_at=asked.now,
        created_by=asked.store.viewer,
        text=text,
        html=html,
        target=task,
        source="api",
        is_pinned=params.boolean("is_pinned", asked.data.get("is_pinned", False)),
    )
    task.stories.append(asked.store.add(story))
    asked.changed(task)
    return One(story)


def _get(asked: Asked) -> One:
    return One(asked.at(Story))


def _update(asked: Asked) -> One:
    story = _own(asked)
    if "text" in asked.data or "html_text" in asked.data:
        story.text, story.html = _text(asked)
        story.is_edited = True
    if "is_pinned" in asked.data:
        story.is_pinned = params.boolean("is_pinned", asked.data["is_pinned"])
    return One(story)


def _delete(asked: Asked) -> Result:
    story = _own(asked)
    story.target.stories.remove(story)
    del asked.store.records[story.gid]
    return NOTHING


def _own(asked: Asked) -> Story:
    story = asked.at(Story)
    if not story.is_editable or story.created_by is not asked.store.viewer:
        raise errors.Refused(403, "You do not have permission to change this story")
    return story


ENDPOINTS = (
    Endpoint("GET", "/tasks/{task_gid}/stories", _list, Story, paged=True),
    Endpoint(
        "POST",
        "/tasks/{task_gid}/stories",
        _create,
        Story,
        body=_WRITABLE,
        read_only=_READ_ONLY,
        status=201,
    ),
    Endpoint("GET", "/stories/{story_gid}", _get, Story),
    Endpoint("PUT", "/stories/{story_gid}", _update, Story, body=_WRITABLE, read_only=_READ_ONLY),
    Endpoint("DELETE", "/stories/{story_gid}", _delete),
)
