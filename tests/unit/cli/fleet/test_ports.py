"""Ports: chosen, free, taken and by whom."""

import os
import socket

import pytest

from cli.failure import Usage
from cli.fleet import ports


@pytest.fixture
def listener() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0))


def test_free_ports_are_distinct_and_can_be_had() -> None:
    found = ports.free(["a", "b", "c"])
    assert list(found) == ["a", "b", "c"]
    assert len(set(found.values())) == 3
    assert all(ports.is_free(port) for port in found.values())


def test_a_taken_port_is_told_with_who_has_it(listener: socket.socket) -> None:
    with listener:
        port = listener.getsockname()[1]
        assert not ports.is_free(port)
        (line,) = ports.taken({"gateway": port})
    assert line.startswith(f"port {port} (for gateway) is taken by `")
    assert f"(pid {os.getpid()})" in line
    assert "--port gateway=N" in line
    assert "\n" not in line


def test_a_port_on_all_addresses_is_taken_too() -> None:
    with socket.create_server(("0.0.0.0", 0)) as everywhere:  # noqa: S104 -- the case in question
        assert not ports.is_free(everywhere.getsockname()[1])


def test_nothing_is_told_of_free_ports() -> None:
    assert ports.taken(ports.free(["gateway"])) == []


def test_given_ports_replace_the_defaults() -> None:
    assert ports.chosen(["b=7"], {"a": 1, "b": 2}) == {"a": 1, "b": 7}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["c=7"], "no port is called 'c'; there are a, b"),
        (["a"], "write it as a=N"),
        (["a=x"], "write it as a=N"),
        (["a=0"], "write it as a=N"),
        (["a=70000"], "write it as a=N"),
        (["a=2"], "port 2 is given to both a and b"),
    ],
)
def test_a_wrong_choice_is_told(given: list[str], told: str) -> None:
    with pytest.raises(Usage, match=told):
        ports.chosen(given, {"a": 1, "b": 2})
