"""Adding a comment once, and reading those there are.

A comment gets no marker: people read it. A repeat is recognised by what it is: the same
words, by us, on the same task, in the last ten minutes, not made under another key as far
as this process remembers. (So two processes that say the same words on one task within ten
minutes, each with a key of its own choice, make one comment.)
"""

from datetime import datetime, timedelta
from typing import Any, Final

from kit.clock import Clock
from services.asana import models
from services.asana.client import AsanaClient
from services.asana.keys import marker
from services.asana.markdown import words
from services.asana.names import Names
from services.asana.richtext import payload
from services.asana.writes import Outcome, Turns, create_once

_REPEAT: Final = timedelta(minutes=10)
_SKEW: Final = timedelta(minutes=1)  # between Asana's clock and ours
_KEPT: Final = 1000  # keys; the oldest go first
_MOST: Final = 10  # pages of one task's history: 1,000 entries


class Comments:
    """The comments on tasks.

    Args:
        client: Asana.
        names: Who we are.
        clock: For what counts as a repeat.
    """

    def __init__(self, client: AsanaClient, names: Names, clock: Clock) -> None:
        self._client = client
        self._names = names
        self._clock = clock
        self._turns = Turns()
        self._made: dict[str, models.Story] = {}

    async def add(
        self, task: str, markdown: str, key: str, *, look_first: bool
    ) -> tuple[models.Story, Outcome]:
        """Add a comment to *task*.

        Args:
            task: Its gid.
            markdown: The comment.
            key: The idempotency key.
            look_first: The caller has chosen the key and may have used it before.

        Raises:
            UnknownOutcome: it may or may not be there.
        """
        mark = marker("comment", f"{task}:{key}")
        data = payload("text", markdown, comment=True)
        async with self._turns.turn(mark):
            if mark in self._made:
                return self._made[mark], "existing"
            first = self._clock.utc() - (_REPEAT if look_first else _SKEW)
            story, outcome = await create_once(
                lambda: self._find(task, data, first),
                lambda: self._client.create_story(task, data),
                key=key,
                look_first=look_first,
            )
            self._made[mark] = story
            while len(self._made) > _KEPT:
                del self._made[next(iter(self._made))]
            return story, outcome

    async def _find(self, task: str, data: dict[str, Any], first: datetime) -> models.Story | None:
        """Return our comment of these words since *first* that no other key has made."""
        me = await self._names.me()
        others = {story.gid for story in self._made.values()}
        said = words("".join(data.values()))
        stories, _ = await self.history(task)
        for story in reversed(stories):
            ours = story.created_by is not None and story.created_by.gid == me.gid
            same = words(story.html_text or story.text) == said
            if ours and same and story.created_at >= first and story.gid not in others:
                return story
        return None

    async def history(self, task: str) -> tuple[list[models.Story], bool]:
        """Return the comments on *task*, oldest first, and whether the history goes on."""
        offset: str | None = None
        found: list[models.Story] = []
        for _ in range(_MOST):
            page = await self._client.stories(task, offset=offset)
            found += [story for story in page.items if story.type == "comment"]
            offset = page.offset
            if offset is None:
                return found, False
        return found, True
