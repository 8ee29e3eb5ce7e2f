"""Whose a resource's URI is, over all servers, without collision.

A URI belongs to the server that lists it, else to the one whose template it matches. Where
two servers claim the same, the first in the registry's order has it plain, and the other's is
reached under a qualified form that says whose it is: ``ui://page`` of ``crm`` becomes
``ui://~crm~page``, so the scheme stays and with it what hosts do by scheme (MCP Apps).
"""

import re
from bisect import bisect_left, insort
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from gateway.routing.templates import Pattern

_QUALIFIED: Final = re.compile(
    r"((?:[A-Za-z][A-Za-z0-9+.-]*:)?(?://)?)~([a-z][a-z0-9-]*)~(.*)", re.DOTALL
)
_START: Final = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:)?(?://)?")


@dataclass(frozen=True)
class Claim:
    """What one server says is its own.

    Attributes:
        server: Who claims.
        uris: Of the resources that it lists.
        templates: RFC 6570, as it lists them.
    """

    server: str
    uris: tuple[str, ...] = ()
    templates: tuple[str, ...] = ()


def qualified(server: str, uri: str) -> str:
    """Return *uri* of *server* in the form that no other server can claim."""
    start = _START.match(uri)
    assert start is not None  # noqa: S101 -- everything in it is optional
    return f"{start[0]}~{server}~{uri[start.end() :]}"


class Uris:
    """Who has which URI.

    Args:
        claims: In the registry's order.
        servers: Every server's name, for qualified forms.
    """

    def __init__(self, claims: Iterable[Claim], servers: Collection[str]) -> None:
        self.claims = tuple(claims)
        self.servers = tuple(servers)
        self._known = frozenset(servers)
        self._owners: dict[str, str] = {}
        self._patterns = _Patterns()
        self._templates: dict[tuple[str, str], str] = {}
        self.collisions: tuple[str, ...] = (*self._claim_uris(), *self._claim_templates())

    def resolve(self, uri: str) -> tuple[str, str] | None:
        """Return the server that *uri* belongs to, and what it is called there."""
        told = self._qualified(uri)
        if told is not None:
            return told
        owner = self._owners.get(uri)
        if owner is None:
            owner = next((each for _, each in self._patterns.matching(uri)), None)
        return None if owner is None else (owner, uri)

    def exposed(self, server: str, uri: str) -> str:
        """Return what *uri* of *server* is called here, listed or not."""
        return uri if self.resolve(uri) == (server, uri) else qualified(server, uri)

    def exposed_template(self, server: str, template: str) -> str:
        """Return what *template* of *server* is called here."""
        return self._templates.get((server, template)) or qualified(server, template)

    def resolve_template(self, template: str) -> tuple[str, str] | None:
        """Return whose *template*, as it is called here, is, and what it is called there."""
        told = self._qualified(template)
        if told is not None:
            return told
        owner = self._patterns.owner(template)
        return None if owner is None else (owner, template)

    def _qualified(self, uri: str) -> tuple[str, str] | None:
        found = _QUALIFIED.match(uri)
        if found is None or found[2] not in self._known:
            return None
        return found[2], found[1] + found[3]

    def _claim_uris(self) -> Iterator[str]:
        for claim in self.claims:
            for uri in claim.uris:
                if self._qualified(uri) is not None:
                    why = "looks like another server's"
                elif self._owners.setdefault(uri, claim.server) != claim.server:
                    why = f"is {self._owners[uri]}'s too"
                else:
                    continue
                yield _told(claim.server, "resource", uri, why)

    def _claim_templates(self) -> Iterator[str]:
        ordered = sorted(self._owners)
        for claim in self.claims:
            for template in dict.fromkeys(claim.templates):
                why = self._why_not(claim.server, Pattern(template), ordered)
                if why:
                    self._templates[claim.server, template] = qualified(claim.server, template)
                    yield _told(claim.server, "template", template, why)
                else:
                    self._templates[claim.server, template] = template
                    self._patterns.add(Pattern(template), claim.server)

    def _why_not(self, server: str, pattern: Pattern, ordered: list[str]) -> str:
        """Return why *pattern* cannot stand plain; empty when it can."""
        if self._qualified(pattern.template) is not None:
            return "looks like another server's"
        for other, owner in self._patterns.meeting(pattern):
            if owner != server:
                return f"may mean the same as {owner}'s {other.template!r}"
        for uri in _starting_with(pattern.prefix, ordered):
            if self._owners[uri] != server and pattern.matches(uri):
                return f"takes in {self._owners[uri]}'s {uri!r}"
        return ""


class _Patterns:
    """Templates by their literal start, so that few are looked at."""

    def __init__(self) -> None:
        self._by_prefix: dict[str, list[tuple[Pattern, str]]] = {}
        self._prefixes: list[str] = []
        self._lengths: list[int] = []

    def add(self, pattern: Pattern, owner: str) -> None:
        prefix = pattern.prefix
        if prefix not in self._by_prefix:
            self._by_prefix[prefix] = []
            insort(self._prefixes, prefix)
            if len(prefix) not in self._lengths:
                insort(self._lengths, len(prefix))
        self._by_prefix[prefix].append((pattern, owner))

    def matching(self, uri: str) -> Iterator[tuple[Pattern, str]]:
        yield from self._along(uri, lambda pattern: pattern.matches(uri))

    def meeting(self, pattern: Pattern) -> Iterator[tuple[Pattern, str]]:
        yield from self._along(pattern.prefix, pattern.meets)
        for prefix in _starting_with(pattern.prefix, self._prefixes):
            if prefix != pattern.prefix:
                yield from (each for each in self._by_prefix[prefix] if pattern.meets(each[0]))

    def owner(self, template: str) -> str | None:
        for pattern, owner in self._by_prefix.get(Pattern(template).prefix, ()):
            if pattern.template == template:
                return owner
        return None

    def _along(self, text: str, fits: Callable[[Pattern], bool]) -> Iterator[tuple[Pattern, str]]:
        for length in self._lengths:
            if length > len(text):
                return
            for each in self._by_prefix.get(text[:length], ()):
                if fits(each[0]):
                    yield each


def _starting_with(prefix: str, ordered: list[str]) -> Iterator[str]:
    for at in range(bisect_left(ordered, prefix), len(ordered)):
        if not ordered[at].startswith(prefix):
            return
        yield ordered[at]


def _told(server: str, what: str, text: str, why: str) -> str:
    return f"{server}: {what} {text!r} {why}; here it is {qualified(server, text)!r}"
