"""What a schema cannot say: references between servers, and to the contract."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Final

import jmespath
from jmespath.exceptions import JMESPathError

from kit.contract.catalogue import OPERATIONS
from registry.model import Binding, Server
from registry.places import Path

EXPOSED_NAME_LENGTH: Final = 64
"""The longest tool name that model APIs take; servers' tools are shown as <server>_<tool>."""

Found = Iterator[tuple[Path, str]]


def suggestion(word: str, known: Sequence[str]) -> str:
    """Return ``; did you mean X?``, or the known words if none is near."""
    near = get_close_matches(word, known, n=1)
    return f"; did you mean {near[0]}?" if near else f"; known are {', '.join(known)}"


def check(server: Server, others: Mapping[str, Server | None]) -> Found:
    """Yield what is wrong with *server*, as path within it and message.

    Args:
        server: Valid by itself.
        others: Every server by name; none where one is not valid by itself.
    """
    if server.equivalence is not None:
        yield from _equivalence(server, server.equivalence.to, others)
    for name, binding in server.bindings.items():
        operation = OPERATIONS.get(name)
        path: Path = ("bindings", name)
        if operation is None:
            yield path, f"is no operation of the contract{suggestion(name, list(OPERATIONS))}"
            continue
        if operation.capability not in server.capabilities:
            yield path, f"needs {operation.capability} among the server's capabilities"
        for where, message in _binding(server, binding, list(operation.arguments.model_fields)):
            yield (*path, *where), message


def _equivalence(server: Server, to: str, others: Mapping[str, Server | None]) -> Found:
    path: Path = ("equivalence", "to")
    if to == server.name:
        yield path, "names the server itself"
        return
    if to not in others:
        known = [name for name in others if name != server.name]
        yield path, f"names no server: '{to}'{suggestion(to, known) if known else ''}"
        return
    target = others[to]
    if target is None:
        return
    if target.equivalence is not None:
        yield path, f"{to} is an equivalent itself; name {target.equivalence.to} instead"
    if not set(target.capabilities) & set(server.capabilities):
        yield path, f"shares no capability with {to}, so it could never stand in for it"


def _binding(server: Server, binding: Binding, arguments: list[str]) -> Found:
    shown = f"{server.name}_{binding.tool}"
    if len(shown) > EXPOSED_NAME_LENGTH:
        yield ("tool",), f"'{shown}' is longer than {EXPOSED_NAME_LENGTH} characters"
    taken: dict[str, str] = {}
    for argument, target in (binding.arguments or {}).items():
        path: Path = ("arguments", argument)
        if argument not in arguments:
            yield path, f"is no argument of the operation{suggestion(argument, arguments)}"
        if target in taken:
            yield path, f"goes to '{target}', as '{taken[target]}' does already"
        taken[target] = argument
    if binding.result is not None:
        try:
            jmespath.compile(binding.result)
        except JMESPathError as error:
            first = str(error).splitlines()[0]
            yield ("result",), f"is not JMESPath: {first}"
