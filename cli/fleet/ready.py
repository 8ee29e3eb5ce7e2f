"""Whether a process is ready: each is asked in its own language, nothing is assumed."""

import http.client
import json
import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from cli.fleet.processes import Asked
from cli.fleet.record import Recorded

_HOST: Final = "127.0.0.1"
_OK: Final = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of asking.

    Attributes:
        ready: It can do its work.
        detail: Why not, or what it says of itself beside yes.
    """

    ready: bool
    detail: str = ""


def ask_all(processes: Sequence[Recorded], *, timeout_seconds: float) -> dict[str, Answer]:
    """Return the answers by name; all are asked at the same time."""
    if not processes:
        return {}
    with ThreadPoolExecutor(len(processes)) as pool:
        answers = pool.map(lambda each: ask(each, timeout_seconds=timeout_seconds), processes)
        return {each.name: answer for each, answer in zip(processes, answers, strict=True)}


def ask(process: Recorded, *, timeout_seconds: float) -> Answer:
    """Return whether *process* is ready."""
    how = {Asked.HTTP: _http, Asked.NATS: _nats, Asked.REDIS: _redis}[process.asked]
    try:
        return how(process.port, timeout_seconds)
    except TimeoutError:
        return Answer(ready=False, detail=f"no answer within {timeout_seconds:g} s")
    except ConnectionRefusedError:
        return Answer(ready=False, detail=f"nobody listens on port {process.port}")
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Answer(ready=False, detail=f"{type(error).__name__}: {error}")


def _http(port: int, timeout_seconds: float) -> Answer:
    connection = http.client.HTTPConnection(_HOST, port, timeout=timeout_seconds)
    try:
        connection.request("GET", "/readyz")
        response = connection.getresponse()
        body = response.read()
    finally:
        connection.close()
    return Answer(ready=response.status == _OK, detail=_failing(response.status, body))


def _failing(status: int, body: bytes) -> str:
    """Return the checks that do not hold: ``{"checks": {name: {"ok", "detail"}}}``."""
    try:
        checks = json.loads(body)["checks"]
    except (ValueError, KeyError, TypeError):
        return "" if status == _OK else f"/readyz answered {status}"
    return "; ".join(
        f"{name}: {check.get('detail', '')}" for name, check in checks.items() if not check["ok"]
    )


def _nats(port: int, timeout_seconds: float) -> Answer:
    """Ask like a client does: INFO comes first, PING is answered once CONNECT was read."""
    with socket.create_connection((_HOST, port), timeout_seconds) as sock:
        reader = sock.makefile("rb")
        info = json.loads(reader.readline().removeprefix(b"INFO "))
        sock.sendall(b'CONNECT {"verbose":false}\r\nPING\r\n')
        if not reader.readline().startswith(b"PONG"):
            return Answer(ready=False, detail="no answer to PING")
    if not info.get("jetstream"):
        return Answer(ready=False, detail="JetStream is not on")
    return Answer(ready=True)


def _redis(port: int, timeout_seconds: float) -> Answer:
    with socket.create_connection((_HOST, port), timeout_seconds) as sock:
        sock.sendall(b"PING\r\n")
        said = sock.makefile("rb").readline().decode().strip()
    return Answer(ready=said == "+PONG", detail="" if said == "+PONG" else said)
