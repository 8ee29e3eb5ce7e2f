"""A small first-party server of the TASKS and PEOPLE contract, as gateways meet it."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from starlette.applications import Starlette

from kit import paging
from kit.contract import people, tasks
from kit.contract.envelope import Entity
from kit.errors import Conflict, FleetError, NotFound
from kit.server import McpService, report_progress
from kit.tools import READ_ONLY, Tools

AT = datetime(2026, 1, 5, tzinfo=UTC)


@dataclass
class Shelf:
    """What one server holds, and how it behaves.

    Attributes:
        provider: Its name.
        titles: Its tasks' titles; the number is the id.
        failure: Raised by every call, when set.
        held: Calls wait for it, when set.
        created: Idempotency keys that were applied.
        began: Set when a call comes in.
        cancelled: Set when a waiting call was cancelled from outside.
        calls: How often each tool ran.
    """

    provider: str
    titles: list[str] = field(default_factory=list)
    failure: FleetError | None = None
    held: asyncio.Event | None = None
    created: list[str] = field(default_factory=list)
    began: asyncio.Event = field(default_factory=asyncio.Event)
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)
    calls: dict[str, int] = field(default_factory=dict)

    def task(self, number: int) -> tasks.Task:
        """Return task *number*."""
        return tasks.Task(
            ref=f"task:{self.provider}:{number}",
            title=self.titles[number],
            provider=self.provider,
            status=tasks.Status(name="Todo", category="todo"),
            url=f"https://{self.provider}.example/{number}",
            created_at=AT,
            updated_at=AT,
        )

    async def behave(self, tool: str) -> None:
        """Do what every call of this server does first."""
        self.calls[tool] = self.calls.get(tool, 0) + 1
        self.began.set()
        if self.held is not None:
            try:
                await self.held.wait()
            except asyncio.CancelledError:
                self.cancelled.set()
                raise
        if self.failure is not None:
            raise self.failure


class Echo(Entity):
    """What was asked."""

    words: str
    count: int = 0


def tools_of(provider: str) -> Tools[Shelf]:
    """Return the tools of a server that is called *provider*."""
    tools: Tools[Shelf] = Tools(provider)

    @tools.serves(tasks.SEARCH)
    async def search(shelf: Shelf, arguments: tasks.Search) -> tasks.TaskPage:
        await shelf.behave("tasks_search")
        words = (arguments.query or "").lower()
        found = [n for n, title in enumerate(shelf.titles) if words in title.lower()]
        start = paging.decode(arguments.cursor)["o"] if arguments.cursor else 0
        page = found[start : start + arguments.limit]
        after = start + len(page)
        return tasks.TaskPage(
            items=tuple(shelf.task(n) for n in page),
            next_cursor=paging.encode({"o": after}) if after < len(found) else None,
            total=len(found),
        )

    @tools.serves(tasks.GET)
    async def get(shelf: Shelf, arguments: tasks.Get) -> tasks.TaskDetail:
        await shelf.behave("tasks_get")
        number = int(arguments.ref.rpartition(":")[2])
        if number >= len(shelf.titles):
            raise NotFound(f"no task {number}", provider=shelf.provider)
        return tasks.TaskDetail(**shelf.task(number).model_dump(), description_md="text")

    @tools.serves(tasks.CREATE)
    async def create(shelf: Shelf, arguments: tasks.Create) -> tasks.TaskWritten:
        if arguments.idempotency_key in shelf.created:
            raise Conflict("created already", existing_ref=f"task:{shelf.provider}:0")
        await shelf.behave("tasks_create")
        shelf.created.append(arguments.idempotency_key)
        shelf.titles.append(arguments.title)
        return tasks.TaskWritten(
            outcome="created",
            provider=shelf.provider,
            ref=f"task:{shelf.provider}:{len(shelf.titles) - 1}",
            idempotency_key=arguments.idempotency_key,
        )

    @tools.serves(people.RESOLVE)
    async def resolve(shelf: Shelf, arguments: people.Resolve) -> people.PeoplePage:
        await shelf.behave("people_resolve")
        account = people.Account(provider=shelf.provider, native_id="1")
        email = arguments.email or "ann@example.com"
        person = people.PersonRecord(email=email, name="Ann", accounts=(account,))
        return people.PeoplePage(items=(person,))

    async def echo(shelf: Shelf, words: str, count: int = 0) -> Echo:
        """Say the words back, with progress on the way."""
        await shelf.behave("echo")
        for done in range(count):
            await report_progress(done + 1, count, f"step {done + 1}")
        return Echo(words=words, count=count)

    echo.__name__ = f"{provider}_echo"
    tools.native(title="Echo", hint=READ_ONLY)(echo)
    return tools


def task_app(shelf: Shelf) -> Starlette:
    """Return the server that serves *shelf* at ``/mcp``."""

    @contextlib.asynccontextmanager
    async def lifespan() -> AsyncGenerator[Shelf]:
        yield shelf

    service = McpService(
        name=shelf.provider,
        title=shelf.provider.title(),
        version="1",
        instructions="",
        tools=tools_of(shelf.provider),
        lifespan=lifespan,
        checks=lambda _: (),
    )
    return service.build()[0]
