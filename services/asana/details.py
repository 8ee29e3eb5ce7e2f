"""One task or project with what belongs to it, asked for side by side."""

import asyncio
from collections.abc import Awaitable, Collection
from typing import Any, Final

from kit.errors import PlanRequired
from services.asana import models
from services.asana.client import AsanaClient
from services.asana.comments import Comments
from services.asana.models import Whole

SHOWN: Final = 50  # of each included list


async def whole(
    client: AsanaClient, comments: Comments, gid: str, include: Collection[str]
) -> Whole:
    """Return a task.

    Args:
        client: Asana.
        comments: For the task's history.
        gid: The task's.
        include: Of ``comments``, ``subtasks``, ``relations``.
    """
    asked: dict[str, Awaitable[Any]] = {"task": client.task(gid)}
    if "comments" in include:
        asked["comments"] = comments.history(gid)
    if "subtasks" in include:
        asked["subtasks"] = client.tasks(f"/tasks/{gid}/subtasks", limit=SHOWN)
    if "relations" in include:
        asked["blocked_by"] = _related(client, f"/tasks/{gid}/dependencies")
        asked["blocks"] = _related(client, f"/tasks/{gid}/dependents")
    got = await together(asked)
    lists: dict[str, Any] = {}
    truncated: list[str] = []
    if "comments" in got:
        stories, more = got["comments"]
        lists["comments"] = tuple(stories[-SHOWN:])
        if more or len(stories) > SHOWN:
            truncated.append("comments")
    for name in ("subtasks", "blocked_by", "blocks"):
        if name not in got:
            continue
        lists[name] = None if got[name] is None else got[name].items
        if got[name] is None or got[name].offset is not None:
            truncated.append("subtasks" if name == "subtasks" else "relations")
    return Whole(got["task"], **lists, truncated=tuple(dict.fromkeys(truncated)))


async def _related(client: AsanaClient, path: str) -> models.Slice[models.Named] | None:
    """Return related tasks; None where the plan does not tell them."""
    try:
        return await client.named(path, limit=SHOWN)
    except PlanRequired:
        return None


async def together(asked: dict[str, Awaitable[Any]]) -> dict[str, Any]:
    """Return the answers by name; the first failure ends the others.

    Raises:
        FleetError: the first of them to fail.
    """

    async def one(waiting: Awaitable[Any]) -> Any:
        return await waiting

    try:
        async with asyncio.TaskGroup() as group:
            tasks = {name: group.create_task(one(each)) for name, each in asked.items()}
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return {name: task.result() for name, task in tasks.items()}
