"""URI templates (RFC 6570) as patterns: does a URI match, and can two templates meet?

RFC 6570 defines how a template is filled, not how a URI is recognised. For routing only the
set of URIs matters, not the variables' values, so a template becomes a row of literals and
gaps, walked as a set of positions: linear in the URI whatever the template, which a regular
expression is not. A gap takes what its expression could have written, and a little more:
servers take values that were never percent-encoded.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, NamedTuple

MAX_CHARACTERS: Final = 1024
"""Of a template; a longer one matches nothing."""
_EXPRESSION: Final = re.compile(r"\{([+#./;?&]?)([^{}]*)\}")
_STOPS: Final = {"": "/?#", "+": "", "#": "", ".": "/?#", "/": "?#", ";": "/?#", "?": "#", "&": "#"}
_LEADS: Final = frozenset("#./;?&")


class _Token(NamedTuple):
    """One place of a pattern.

    Attributes:
        char: The literal that must stand here; empty for a gap.
        stops: What ends a gap.
        skip: How many tokens may be passed over from here: 1 for a gap, 2 for the character
            that an expression leads with (``/`` of ``{/path}``), which goes with its gap.
    """

    char: str
    stops: str = ""
    skip: int = 0

    def takes(self, char: str) -> bool:
        return char not in self.stops if not self.char else char == self.char


@dataclass(frozen=True)
class Pattern:
    """The URIs that a template can be filled to.

    Attributes:
        template: The template's text.
    """

    template: str
    prefix: str = field(init=False)
    """What every match starts with."""

    def __post_init__(self) -> None:
        """Find the literal part before the first expression."""
        first = _EXPRESSION.search(self.template)
        object.__setattr__(
            self, "prefix", self.template[: first.start()] if first else self.template
        )

    @cached_property
    def _tokens(self) -> tuple[_Token, ...]:
        return tuple(_tokens(self.template[len(self.prefix) :]))

    @cached_property
    def _masks(self) -> tuple[dict[str, int], list[tuple[str, int]], int, int]:
        """Positions as bits: by literal, by what stops a gap, of gaps, of leads."""
        literals: dict[str, int] = {}
        gaps: dict[str, int] = {}
        leads = 0
        for place, token in enumerate(self._tokens):
            if token.char:
                literals[token.char] = literals.get(token.char, 0) | 1 << place
                leads |= (token.skip and 1) << place
            else:
                gaps[token.stops] = gaps.get(token.stops, 0) | 1 << place
        return literals, list(gaps.items()), sum(gaps.values()), leads

    def matches(self, uri: str) -> bool:
        """Say whether the template can be filled to *uri*."""
        if len(self.template) > MAX_CHARACTERS or not uri.startswith(self.prefix):
            return False
        literals, stops, gaps, leads = self._masks
        at = _skipped(1, gaps, leads)
        for char in uri[len(self.prefix) :]:
            step = (at & literals.get(char, 0)) << 1
            for stop, places in stops:
                if char not in stop:
                    step |= at & places
            if not step:
                return False
            at = _skipped(step, gaps, leads)
        return bool(at >> len(self._tokens) & 1)

    def meets(self, other: "Pattern") -> bool:
        """Say whether some URI matches both."""
        if not (self.prefix.startswith(other.prefix) or other.prefix.startswith(self.prefix)):
            return False
        if max(len(self.template), len(other.template)) > MAX_CHARACTERS:
            return False
        shared = min(len(self.prefix), len(other.prefix))
        ours, theirs = (list(_tokens(each.template[shared:])) for each in (self, other))
        seen = {(0, 0)}
        open_ = [(0, 0)]
        while open_:
            here = open_.pop()
            if here == (len(ours), len(theirs)):
                return True
            for step in _steps(ours, theirs, *here):
                if step not in seen:
                    seen.add(step)
                    open_.append(step)
        return False


def _skipped(at: int, gaps: int, leads: int) -> int:
    """Return the positions *at*, and those reached from them without a character."""
    while True:
        wider = at | (at & gaps) << 1 | (at & leads) << 2
        if wider == at:
            return at
        at = wider


def _steps(ours: list[_Token], theirs: list[_Token], i: int, j: int) -> Iterator[tuple[int, int]]:
    mine = ours[i] if i < len(ours) else None
    other = theirs[j] if j < len(theirs) else None
    if mine is not None and mine.skip:
        yield i + mine.skip, j
    if other is not None and other.skip:
        yield i, j + other.skip
    if mine is None or other is None:
        return
    char = mine.char or other.char  # two gaps always share a character, and lead nowhere new
    if char and mine.takes(char) and other.takes(char):
        yield i + bool(mine.char), j + bool(other.char)


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    for found in _EXPRESSION.finditer(text):
        yield from map(_Token, text[at : found.start()])
        operator = found[1]
        if operator in _LEADS:
            yield _Token(operator, skip=2)
        yield _Token("", _STOPS[operator], skip=1)
        at = found.end()
    yield from map(_Token, text[at:])
