"""The vendors' stand-in on a port of its own, for tests of whatever talks to a vendor."""

import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
import uvicorn

from kit.clock import Clock
from services.sandbox.app import build
from services.sandbox.connections import ResettableProtocol
from services.sandbox.settings import SandboxSettings


@dataclass(frozen=True, slots=True)
class RunningSandbox:
    """Where the sandbox is, and the switches for a test.

    Attributes:
        url: The sandbox itself.
        linear_url: Linear's GraphQL endpoint.
        linear_token: An API key, sent bare.
        linear_oauth_token: Sent as ``Bearer``.
        asana_url: Asana's base address, ending in ``/api/1.0``.
        asana_token: A personal access token, sent as ``Bearer``.
        asana_oauth_token: Sent as ``Bearer``; it also sees ``external``.
    """

    url: str
    linear_url: str
    linear_token: str
    linear_oauth_token: str
    asana_url: str
    asana_token: str
    asana_oauth_token: str

    def fault(
        self,
        vendor: str,
        kind: str,
        *,
        seconds: float = 1.0,
        times: int | None = 1,
        method: str | None = None,
        path: str | None = None,
        operation: str | None = None,
    ) -> None:
        """Ask for a fault; README.md of the sandbox has the kinds. ``times=None``: until cleared.

        Only requests that agree with each of *method*, *path* (a glob below the base address)
        and *operation* (a GraphQL operation's name or a root field) meet it.
        """
        match = {"method": method, "path": path, "operation": operation}
        asked = {"vendor": vendor, "kind": kind, "seconds": seconds, "times": times, "match": match}
        self._send("POST", "/_sandbox/faults", asked)

    def faults(self) -> list[dict[str, Any]]:
        """Return the faults that were not cleared, with their ``hits``."""
        found: list[dict[str, Any]] = self._send("GET", "/_sandbox/faults")["faults"]
        return found

    def clear_faults(self) -> None:
        """Remove all faults; what hangs goes on."""
        self._send("DELETE", "/_sandbox/faults")

    def state(self, vendor: str) -> dict[str, dict[str, int]]:
        """Return *vendor*'s ``calls``, ``answers``, ``writes``, ``faults`` and ``objects``."""
        found: dict[str, dict[str, int]] = self._send("GET", "/_sandbox/state")["vendors"][vendor]
        return found

    def writes(self, vendor: str, kind: str) -> int:
        """Return how often *kind* (``issueCreate``, ``POST /tasks``) was applied."""
        return self.state(vendor)["writes"].get(kind, 0)

    def reset(self) -> None:
        """Be as at the start: no faults, no counts, nothing written."""
        self._send("POST", "/_sandbox/reset")

    def _send(self, method: str, path: str, content: Any = None) -> Any:
        answer = httpx2.request(method, f"{self.url}{path}", json=content, timeout=5)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None


@contextmanager
def sandbox(clock: Clock | None = None, **settings: Any) -> Generator[RunningSandbox]:
    """Run the sandbox in a thread on a free port; *settings* are those of `SandboxSettings`."""
    made = SandboxSettings(port=0, **settings)
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    config = uvicorn.Config(
        build(made, clock=clock),
        http=ResettableProtocol,
        lifespan="off",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="sandbox")
    thread.start()
    try:
        found = httpx2.get(url, timeout=5).json()["vendors"]
        yield RunningSandbox(
            url=url,
            linear_url=found["linear"]["base_url"],
            linear_token=found["linear"]["token"],
            linear_oauth_token=found["linear"]["oauth_token"],
            asana_url=found["asana"]["base_url"],
            asana_token=found["asana"]["token"],
            asana_oauth_token=found["asana"]["oauth_token"],
        )
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        listener.close()
        assert not thread.is_alive(), "the sandbox did not stop within 10 seconds"
