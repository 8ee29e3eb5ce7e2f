"""Which era a request belongs to: decided on the parsed body first (MCP 2026-07-28, versioning).

A ``_meta`` protocol version makes it modern, whatever the headers say; ``initialize``, a
session or an old version header make it legacy; no header at all is 2025-03-26.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gateway.edge.jsonrpc import (
    HEADER_MISMATCH,
    INVALID_PARAMS,
    UNSUPPORTED_VERSION,
    Message,
    Refused,
)
from gateway.params import decoded
from gateway.upstream.client import META_CAPABILITIES, META_VERSION

MODERN: Final = ("2026-07-28",)
LEGACY: Final = ("2025-11-25", "2025-06-18", "2025-03-26")
_NAMED: Final = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}
_HEADERLESS: Final = "2025-03-26"


@dataclass(frozen=True, slots=True)
class Era:
    """How a request is to be read and answered.

    Attributes:
        modern: 2026-07-28 and later: self-contained, closing the stream cancels.
        version: The revision that is spoken.
    """

    modern: bool
    version: str


def classify(message: Message, headers: Mapping[str, str]) -> Era:
    """Return the era of *message*.

    Raises:
        Refused: headers and body disagree, or the version is not served.
    """
    named = headers.get("mcp-protocol-version")
    in_body = message.meta.get(META_VERSION)
    if in_body is not None:
        return _modern(message, headers, str(in_body), named)
    if message.method == "initialize":
        return Era(modern=False, version=negotiated(message.params.get("protocolVersion")))
    if named is None:
        return Era(modern=False, version=_HEADERLESS)
    if named in LEGACY:
        return Era(modern=False, version=named)
    if named in MODERN:
        if message.id is None:
            return Era(modern=True, version=named)
        raise Refused(INVALID_PARAMS, f"_meta lacks {META_VERSION}, which {named} requires")
    raise unsupported(named)


def _modern(message: Message, headers: Mapping[str, str], version: str, named: str | None) -> Era:
    if named != version:
        raise Refused(
            HEADER_MISMATCH, f"MCP-Protocol-Version is {named!r}, the body's version {version!r}"
        )
    if version not in MODERN:
        raise unsupported(version)
    if not isinstance(message.meta.get(META_CAPABILITIES), dict):
        raise Refused(INVALID_PARAMS, f"_meta lacks {META_CAPABILITIES}")
    if headers.get("mcp-method") != message.method:
        raise Refused(
            HEADER_MISMATCH,
            f"Mcp-Method is {headers.get('mcp-method')!r}, the body's method {message.method!r}",
        )
    key = _NAMED.get(message.method)
    if key is not None:
        given = headers.get("mcp-name")
        if given is None or decoded(given) != message.params.get(key):
            raise Refused(
                HEADER_MISMATCH,
                f"Mcp-Name is {given!r}, the body's {key} {message.params.get(key)!r}",
            )
    return Era(modern=True, version=version)


def negotiated(asked: object) -> str:
    """Return the revision that ``initialize`` is answered with.

    2025-03-26 would oblige us to take batches; its clients accept a later revision, which a
    server may always answer with.
    """
    if isinstance(asked, str) and asked in LEGACY and asked != _HEADERLESS:
        return asked
    return LEGACY[0] if asked != _HEADERLESS else "2025-06-18"


def unsupported(version: str) -> Refused:
    """Return the refusal of a version that is not served."""
    data = {"supported": [*MODERN, *LEGACY], "requested": version}
    return Refused(UNSUPPORTED_VERSION, f"Protocol version {version!r} is not supported", data)
