"""One look at one server, without side effects: what it finds becomes facts.

Over MCP: can it be reached, does it speak the protocol, do its tools fit its bindings. Of a
server of ours also ``/readyz`` beside the MCP endpoint: do its vendor's credential and
quota hold. Every failure has one clear reason.
"""

import asyncio
import contextlib
import socket
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from kit.contract.catalogue import served_by
from kit.contract.operation import Safety
from kit.errors import FleetError, RateLimited, TimedOut, Unauthenticated, Unavailable
from kit.http import HttpClient
from registry.health import Finding, Observation
from registry.model import Binding, FactName, FactStatus, Server
from registry.peer import NotMcp, Peer, classify

_READINESS: Final = {FactName.AUTH: "vendor_auth", FactName.QUOTA: "vendor_quota"}
_OK: Final = Finding(FactStatus.OK)


def probing_client() -> HttpClient:
    """Return the HTTP client that probes share; a probe is one attempt and bounds its own time."""
    return HttpClient("probe", "", classify=classify, timeout_seconds=3600, attempts=1)


async def probe(http: HttpClient, server: Server, token: str | None = None) -> Observation:
    """Return what is found out about *server*; it never uses two connections at a time."""
    seconds = server.health.timeout_seconds
    seen = await _speak(http, server, token, seconds)
    if seen.findings[FactName.REACHABLE].status is not FactStatus.OK:
        return seen
    ready = await _readiness(http, server.transport.url, seconds)
    return Observation({**ready, **seen.findings}, seen.tools)


async def _speak(
    http: HttpClient, server: Server, token: str | None, seconds: float
) -> Observation:
    findings: dict[FactName, Finding] = {}
    tools: dict[str, Any] | None = None
    peer = Peer(http, server.transport.url, token)
    try:
        async with asyncio.timeout(seconds):
            await peer.greet()
            findings[FactName.PROTOCOL] = Finding(FactStatus.OK, f"speaks MCP {peer.version}")
            listed = await peer.tools() if peer.lists_tools else []
            tools = {str(tool.get("name")): tool.get("inputSchema") for tool in listed}
            findings[FactName.CONTRACT] = fit(server, tools)
    except Unauthenticated as error:
        hint = f"; is {server.secret} right?" if server.secret else "; it needs a `secret`"
        findings[FactName.AUTH] = _failed(f"{error.message}{hint}")
    except RateLimited as error:
        findings[FactName.QUOTA] = _failed(error.message)
    except (TimedOut, TimeoutError):
        where = _host(server.transport.url)
        findings[FactName.REACHABLE] = _failed(f"no answer from {where} within {seconds:g} s")
    except Unavailable as error:
        findings[FactName.REACHABLE] = _failed(_unreached(error, server.transport.url))
    except FleetError as error:
        fact = FactName.CONTRACT if FactName.PROTOCOL in findings else FactName.PROTOCOL
        findings[fact] = _failed(error.message)
    findings.setdefault(FactName.REACHABLE, _OK)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await peer.leave()
    return Observation(findings, None if tools is None else frozenset(tools))


async def _readiness(http: HttpClient, url: str, seconds: float) -> dict[FactName, Finding]:
    """Return what ``/readyz`` says of the vendor; nothing where there is no such page."""
    try:
        async with asyncio.timeout(seconds):
            answer = await http.send("GET", urljoin(url, "readyz"), safety=Safety.READ)
            body = answer.body
    except NotMcp as error:
        body = error.body
    except (FleetError, TimeoutError):
        return {}
    checks = body.get("checks") if isinstance(body, dict) else None
    if not isinstance(checks, dict):
        return {}
    found = {}
    for fact, name in _READINESS.items():
        check = checks.get(name)
        if isinstance(check, dict) and isinstance(check.get("ok"), bool):
            status = FactStatus.OK if check["ok"] else FactStatus.FAILED
            found[fact] = Finding(status, str(check.get("detail") or ""))
    return found


def fit(server: Server, tools: Mapping[str, Any]) -> Finding:
    """Return whether *tools* (input schema by name) still serve what the server is bound to."""
    wrong: list[str] = []
    served: list[str] = []
    for capability in server.capabilities:
        bound = {
            operation.name: server.bindings.get(operation.name, Binding(tool=operation.tool))
            for operation in served_by(capability)
        }
        there = [name for name, binding in bound.items() if binding.tool in tools]
        if bound and not there:
            wrong.append(f"no tool serves {capability}")
        served += there
        for name in bound.keys() & server.bindings.keys():
            wrong += _unfit(name, bound[name], tools)
    if wrong:
        return _failed("; ".join(wrong))
    return Finding(FactStatus.OK, f"serves {', '.join(served)}" if served else "")


def _unfit(operation: str, binding: Binding, tools: Mapping[str, Any]) -> list[str]:
    if binding.tool not in tools:
        return [f"the tool {binding.tool}, bound to {operation}, is gone"]
    schema = tools[binding.tool]
    takes = schema.get("properties") if isinstance(schema, dict) else None
    if not isinstance(takes, dict):
        return []
    return [
        f"the tool {binding.tool}, bound to {operation}, takes no argument {target}"
        for target in (binding.arguments or {}).values()
        if target not in takes
    ]


def _failed(detail: str) -> Finding:
    return Finding(FactStatus.FAILED, detail)


def _host(url: str) -> str:
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.hostname}:{port}"


def _unreached(error: BaseException, url: str) -> str:
    """Return why no connection came about, in the operating system's words where it has some."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ConnectionRefusedError):
            return f"connection refused on {_host(url)}"
        if isinstance(cause, socket.gaierror):
            return f"no address for the name {urlsplit(url).hostname}"
        if isinstance(cause, OSError) and cause.errno:
            return f"{cause.strerror or cause} on {_host(url)}".lower()
        if isinstance(cause, BaseExceptionGroup):
            cause = cause.exceptions[0]
        else:
            cause = cause.__cause__ or cause.__context__
    return str(error).replace("probe", _host(url), 1)
