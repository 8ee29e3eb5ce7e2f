"""Readiness is asked in each process's own language."""

import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager

import pytest

from cli.fleet.processes import Asked, Layer
from cli.fleet.ready import Answer, ask, ask_all
from cli.fleet.record import Recorded


@contextmanager
def answering(says: Callable[[socket.socket], None]) -> Generator[int]:
    """Accept one connection, let *says* answer it, and yield the port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                says(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(timeout=5)


def process(port: int, asked: Asked) -> Recorded:
    return Recorded(name="it", layer=Layer.SERVICE, port=port, asked=asked)


def http(status: str, body: str) -> Callable[[socket.socket], None]:
    def says(connection: socket.socket) -> None:
        assert connection.recv(1000).startswith(b"GET /readyz ")
        head = f"HTTP/1.1 {status}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
        connection.sendall((head + body).encode())

    return says


def nats(info: bytes, pong: bytes) -> Callable[[socket.socket], None]:
    def says(connection: socket.socket) -> None:
        connection.sendall(b"INFO " + info + b"\r\n")
        assert connection.recv(1000).endswith(b"PING\r\n")
        connection.sendall(pong)

    return says


def redis(said: bytes) -> Callable[[socket.socket], None]:
    def says(connection: socket.socket) -> None:
        assert connection.recv(100) == b"PING\r\n"
        connection.sendall(said)

    return says


CHECKS = '{"status": "x", "checks": {"a": {"ok": true}, "db": {"ok": false, "detail": "away"}}}'


@pytest.mark.parametrize(
    ("asked", "says", "answer"),
    [
        (Asked.HTTP, http("200 OK", '{"checks": {}}'), Answer(ready=True)),
        (Asked.HTTP, http("200 OK", CHECKS), Answer(ready=True, detail="db: away")),
        (Asked.HTTP, http("503 No", CHECKS), Answer(ready=False, detail="db: away")),
        (Asked.HTTP, http("404 No", "?"), Answer(ready=False, detail="/readyz answered 404")),
        (Asked.NATS, nats(b'{"jetstream":true}', b"PONG\r\n"), Answer(ready=True)),
        (
            Asked.NATS,
            nats(b"{}", b"PONG\r\n"),
            Answer(ready=False, detail="JetStream is not on"),
        ),
        (
            Asked.NATS,
            nats(b'{"jetstream":true}', b""),
            Answer(ready=False, detail="no answer to PING"),
        ),
        (Asked.REDIS, redis(b"+PONG\r\n"), Answer(ready=True)),
        (
            Asked.REDIS,
            redis(b"-LOADING the data\r\n"),
            Answer(ready=False, detail="-LOADING the data"),
        ),
    ],
)
def test_an_answer_is_understood(
    asked: Asked, says: Callable[[socket.socket], None], answer: Answer
) -> None:
    with answering(says) as port:
        assert ask(process(port, asked), timeout_seconds=5) == answer


@pytest.mark.parametrize("asked", list(Asked))
def test_nobody_there_is_told(asked: Asked) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    answer = ask(process(port, asked), timeout_seconds=1)
    assert answer == Answer(ready=False, detail=f"nobody listens on port {port}")


@pytest.mark.parametrize("asked", list(Asked))
def test_silence_is_told(asked: Asked) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        answer = ask(process(port, asked), timeout_seconds=0.05)
    assert answer == Answer(ready=False, detail="no answer within 0.05 s")


@pytest.mark.parametrize("asked", list(Asked))
def test_nonsense_is_not_ready(asked: Asked) -> None:
    with answering(lambda connection: connection.sendall(b"hello\r\n")) as port:
        assert not ask(process(port, asked), timeout_seconds=5).ready


def test_asking_nobody_is_no_answer() -> None:
    assert ask_all([], timeout_seconds=1) == {}
