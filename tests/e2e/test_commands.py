"""What a person does with a running fleet from the command line."""

import json
import signal
import socket
from collections.abc import Callable
from time import monotonic
from typing import Any

import psutil
import pytest

from tests.support.fleet import Fleet

pytestmark = pytest.mark.timeout(120)
PROCESSES = ["nats", "redis", "sandbox", "registry", "linear", "asana", "gateway"]
SERVER_FIELDS = {"name", "tier", "state", "since", "reason"}


def until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    """Return once *condition* holds."""
    end = monotonic() + seconds
    while not condition():
        assert monotonic() < end, "it did not come true"


def answer(fleet: Fleet, *argv: str) -> Any:
    """Return what the command prints as JSON."""
    done = fleet.sophia(*argv, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def states(fleet: Fleet) -> dict[str, str]:
    return {each["name"]: each["state"] for each in fleet.status()["servers"]}


@pytest.fixture(autouse=True)
def all_up(fleet: Fleet) -> None:
    """Whatever the last test did, its servers are found again."""
    until(lambda: states(fleet) == {"linear": "UP", "asana": "UP"})


def test_status_tells_processes_and_servers(fleet: Fleet) -> None:
    status = fleet.status()
    assert set(status) == {"processes", "servers"}
    assert [each["name"] for each in status["processes"]] == PROCESSES
    assert {each["state"] for each in status["processes"]} == {"RUNNING"}
    assert {each["name"]: each["talks_to"] for each in status["processes"] if each["talks_to"]} == {
        "linear": "sandbox",
        "asana": "sandbox",
    }
    assert all(set(each) == SERVER_FIELDS for each in status["servers"])
    said = fleet.sophia("status").stdout
    assert "linear and asana: sandbox data" in said
    assert f"{fleet.url('gateway')}/mcp" in said


def test_no_process_has_a_credential_of_another(fleet: Fleet) -> None:
    pids = fleet.pids()
    seen = {name: psutil.Process(pids[name]).environ() for name in ("linear", "asana", "gateway")}
    assert seen["linear"]["LINEAR_API_KEY"]
    assert not seen["linear"]["ASANA_ACCESS_TOKEN"]
    assert not seen["asana"]["LINEAR_API_KEY"]
    assert not seen["gateway"]["LINEAR_API_KEY"]
    assert not seen["gateway"]["ASANA_ACCESS_TOKEN"]


def test_a_search_is_answered_by_every_task_system(fleet: Fleet) -> None:
    found = answer(fleet, "call", "tasks.search", "query=billing", "limit=10")
    assert found["complete"] is True
    assert {each["provider"] for each in found["items"]} == {"linear", "asana"}
    assert {each["status"] for each in found["providers"]} == {"ok"}
    same = answer(fleet, "call", "tasks_search", "query=billing", "limit=10")
    assert same["items"] == found["items"]
    told = fleet.sophia("call", "tasks.search", "query=billing", "limit=3").stdout.splitlines()
    assert told[0].split()[:3] == ["ref", "title", "provider"]
    assert len(told) == 4


def test_a_task_can_be_made_changed_and_read(fleet: Fleet) -> None:
    made = answer(
        fleet, "call", "tasks.create", "title=From the shell", "container_ref=team:linear:ENG"
    )
    ref = made["ref"]
    answer(fleet, "call", "tasks.update", f"ref={ref}", "set.title=Renamed", "set.priority=2")
    read = answer(fleet, "call", "tasks.get", f"ref={ref}")
    assert (read["title"], read["priority"]) == ("Renamed", 2)
    assert "Renamed" in fleet.sophia("call", "tasks.get", f"ref={ref}").stdout


def test_a_servers_own_tool_is_called_by_its_name(fleet: Fleet) -> None:
    direct = answer(fleet, "call", "--server", "linear", "linear_list_teams")
    through = answer(fleet, "call", "linear_list_teams")
    assert direct["structuredContent"] == through["structuredContent"]
    assert direct["structuredContent"]["teams"]


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (["tasks.get", "ref=task:linear:ENG-99999"], "not_found"),
        (["tasks.nope"], "not_found"),
        (["tasks.search", "bogus=1"], "invalid"),
        (["--server", "nobody", "tool"], "nobody"),
        (["no_such_tool"], "not_found"),
    ],
)
def test_a_failure_is_one_line_with_its_code(fleet: Fleet, argv: list[str], code: str) -> None:
    done = fleet.sophia("call", *argv)
    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert code in line


def test_tools_lists_what_each_endpoint_offers(fleet: Fleet) -> None:
    offered = {each["name"] for each in answer(fleet, "tools")["tools"]}
    assert {"tasks_search", "find_tools", "call_tool"} <= offered
    own = {each["name"] for each in answer(fleet, "tools", "--server", "asana")["tools"]}
    everything = {each["name"] for each in answer(fleet, "tools", "--all")["tools"]}
    assert "tasks_search" in own
    assert {"asana_tasks_search", "linear_tasks_search"} <= everything
    some = answer(fleet, "tools", "--all", "linear comment")["tools"]
    assert 0 < len(some) < len(everything)
    assert "tasks_search" in fleet.sophia("tools").stdout


def test_explain_and_simulate_say_where_calls_go(fleet: Fleet) -> None:
    plan = answer(fleet, "explain", "tasks.search")
    assert [each["server"] for leg in plan["legs"] for each in leg["candidates"]] == [
        "linear",
        "asana",
    ]
    assert "is asked" in fleet.sophia("explain", "tasks.search").stdout
    supposed = answer(fleet, "simulate", "--down", "linear")
    assert {row["operation"]: row["changes"] for row in supposed["operations"]}["tasks.search"]
    assert "without linear" in fleet.sophia("simulate", "--down", "linear").stdout
    assert fleet.sophia("simulate", "--down", "nobody").returncode == 1


def test_a_stopped_server_is_down_with_the_reason_and_comes_back(fleet: Fleet) -> None:
    fleet.sophia("stop", "linear")
    try:
        done = fleet.sophia("call", "tasks.search", "query=billing")
        assert done.returncode == 0
        assert "without linear" in done.stderr
        assert "the answer is not complete" in done.stderr
        until(lambda: states(fleet)["linear"] == "DOWN")
        (linear,) = (each for each in fleet.status()["servers"] if each["name"] == "linear")
        assert linear["reason"]
        assert linear["since"]
        assert "DOWN" in fleet.sophia("servers").stdout
    finally:
        started = fleet.sophia("start", "linear")
    assert started.returncode == 0, started.stderr
    until(lambda: states(fleet)["linear"] == "UP")


def test_without_the_gateway_status_asks_the_registry_and_says_so(fleet: Fleet) -> None:
    fleet.sophia("stop", "gateway")
    try:
        done = fleet.sophia("status", "--json")
        assert done.returncode == 0
        assert "as the registry sees them" in done.stderr
        servers = json.loads(done.stdout)["servers"]
        assert {each["name"] for each in servers} == {"linear", "asana"}
        assert all(set(each) == SERVER_FIELDS for each in servers)
        away = fleet.sophia("call", "tasks.search")
        assert away.returncode == 3
        assert fleet.url("gateway") in away.stderr
    finally:
        fleet.sophia("start", "gateway")


def test_a_hanging_process_is_not_ready_and_status_does_not_hang(fleet: Fleet) -> None:
    asana = psutil.Process(fleet.pids()["asana"])
    asana.send_signal(signal.SIGSTOP)
    try:
        done = fleet.sophia("status", "--json", seconds=30)
        assert done.returncode == 1
        processes = {each["name"]: each for each in json.loads(done.stdout)["processes"]}
        assert processes["asana"]["ready"] is False
        assert "no answer" in processes["asana"]["detail"]
        assert processes["linear"]["ready"] is True
    finally:
        asana.send_signal(signal.SIGCONT)


def test_connect_writes_this_gateway(fleet: Fleet) -> None:
    block = answer(fleet, "connect", "claude")["block"]
    assert block["mcpServers"]["sophia"]["url"] == f"{fleet.url('gateway')}/mcp"
    host, port = fleet.url("gateway").removeprefix("http://").split(":")
    socket.create_connection((host, int(port)), 5).close()
