"""``sophia up`` and what acts on its processes, as a person uses them."""

import contextlib
import json
import os
import signal
import socket
import subprocess
from collections.abc import Callable, Generator
from pathlib import Path
from time import monotonic

import psutil
import pytest

from tests.support.fleet import Fleet, running

pytestmark = pytest.mark.timeout(120)
ENGINES = ("--only", "nats", "--only", "redis")
FIELDS = {"name", "pid", "port", "state"}


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Generator[Fleet]:
    """Two processes that start fast; each test leaves them running."""
    with running(tmp_path_factory.mktemp("engines"), *ENGINES) as found:
        yield found


@pytest.fixture
def place(tmp_path: Path) -> Generator[Fleet]:
    """The place for a fleet that the test starts itself; nothing of it stays."""
    found = Fleet(tmp_path)
    yield found
    found.sophia("down", "--now")


def until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    """Return once *condition* holds."""
    end = monotonic() + seconds
    while not condition():
        assert monotonic() < end, "it did not come true"


def begun(place: Fleet, *argv: str) -> "contextlib.AbstractContextManager[subprocess.Popen[str]]":
    """Run ``sophia up`` in the foreground, ready."""

    @contextlib.contextmanager
    def started() -> Generator["subprocess.Popen[str]"]:
        process = place.begin("up", "--ports", "auto", *argv)
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            for line in process.stdout:
                if line.startswith("Ctrl-C stops"):
                    break
            yield process
        finally:
            process.kill()
            process.wait(timeout=10)
            process.stdout.close()
            process.stderr.close()

    return started()


def test_status_has_every_process_with_the_fields_that_scripts_rely_on(engines: Fleet) -> None:
    done = engines.sophia("status", "--json")
    status = json.loads(done.stdout)
    assert done.returncode == 0
    assert set(status) == {"processes", "servers"}
    assert [each["name"] for each in status["processes"]] == ["nats", "redis"]
    for each in status["processes"]:
        assert set(each) >= FIELDS
        assert each["state"] == "RUNNING"
        assert each["ready"] is True
        assert psutil.pid_exists(each["pid"])
        socket.create_connection(("127.0.0.1", each["port"]), 5).close()


def test_a_killed_process_comes_back_and_the_others_keep_their_pid(engines: Fleet) -> None:
    before = engines.pids()
    os.kill(before["nats"], signal.SIGKILL)
    until(lambda: engines.pids()["nats"] not in {None, before["nats"]})
    until(lambda: engines.processes()["nats"]["ready"])
    assert engines.pids()["redis"] == before["redis"]


def test_a_process_that_was_stopped_stays_so_until_it_is_started(engines: Fleet) -> None:
    before = engines.pids()
    assert engines.sophia("stop", "redis").stdout == "redis stopped\n"
    stopped = engines.processes()
    assert stopped["redis"]["state"] == "STOPPED"
    assert stopped["redis"]["pid"] is None
    assert not psutil.pid_exists(before["redis"])
    assert engines.sophia("status").returncode == 0
    assert engines.sophia("stop", "redis").stdout == "redis was not running\n"
    assert engines.sophia("start", "redis").stdout == "redis started\n"
    after = engines.processes()
    assert after["redis"]["ready"] is True
    assert after["redis"]["pid"] != before["redis"]
    assert after["nats"]["pid"] == before["nats"]
    assert engines.sophia("start", "redis").stdout == "redis was running\n"


def test_restart_gives_a_process_a_new_pid(engines: Fleet) -> None:
    before = engines.pids()
    assert json.loads(engines.sophia("restart", "nats", "--json").stdout) == {
        "name": "nats",
        "did": "restarted",
    }
    after = engines.pids()
    assert after["nats"] != before["nats"]
    assert after["redis"] == before["redis"]


@pytest.mark.parametrize("command", ["stop", "start", "restart", "logs"])
def test_an_unknown_process_is_refused_with_those_there_are(engines: Fleet, command: str) -> None:
    done = engines.sophia(command, "nobody")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "nobody" in line
    assert "nats, redis" in line


def test_logs_shows_the_last_lines_of_each_or_of_one(engines: Fleet) -> None:
    both = engines.sophia("logs", "--lines", "2").stdout.splitlines()
    assert [line.partition(" ")[0] for line in both] == ["nats", "nats", "redis", "redis"]
    one = engines.sophia("logs", "nats", "--lines", "1", "--json").stdout
    assert set(json.loads(one)) == {"process", "line"}


def test_logs_follows_what_comes(engines: Fleet) -> None:
    following = engines.begin("logs", "redis", "--follow", "--lines", "1")
    assert following.stdout is not None
    try:
        following.stdout.readline()
        engines.sophia("restart", "redis")
        assert any("Ready to accept connections" in line for line in following.stdout)
        following.send_signal(signal.SIGINT)
        assert following.wait(timeout=10) == 130
    finally:
        following.kill()
        following.communicate()


def test_a_second_up_is_refused_and_the_first_goes_on(engines: Fleet) -> None:
    before = engines.pids()
    done = engines.sophia("up", "--ports", "auto", *ENGINES)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert f"a fleet is already up in {engines.state}" in line
    assert "sophia down" in line
    assert engines.pids() == before


def test_a_process_that_cannot_come_back_is_retried_while_the_others_go_on(
    engines: Fleet,
) -> None:
    before = engines.pids()
    dump = engines.state / "redis" / "dump.rdb"
    dump.write_bytes(b"no database")
    os.kill(before["redis"], signal.SIGKILL)
    until(lambda: engines.processes()["redis"]["state"] == "BACKOFF")
    done = engines.sophia("status", "--json")
    assert done.returncode == 1
    (redis,) = (each for each in json.loads(done.stdout)["processes"] if each["name"] == "redis")
    assert redis["ready"] is False
    assert engines.pids()["nats"] == before["nats"]
    dump.unlink()
    until(lambda: engines.processes()["redis"]["ready"])


def test_of_two_that_start_at_once_one_is_refused_and_the_other_goes_on(place: Fleet) -> None:
    both = [place.begin("up", "--detach", "--ports", "auto", *ENGINES) for _ in range(2)]
    said = [process.communicate(timeout=60)[1] for process in both]
    assert sorted(process.returncode for process in both) == [0, 1]
    assert sum("already up" in each for each in said) == 1
    assert all(each["ready"] for each in place.processes().values())


def test_down_leaves_nothing_behind(place: Fleet) -> None:
    place.up(*ENGINES)
    assert len(place.left()) == 3  # with the supervisor
    done = place.sophia("down")
    assert done.returncode == 0
    assert done.stdout == "stopped nats, redis\n"
    assert place.left() == []
    assert not (place.state / "fleet.json").exists()
    assert place.sophia("down").stdout == f"no fleet is up in {place.state}\n"
    assert place.sophia("status").returncode == 3


def test_a_whole_fleet_is_of_use_as_soon_as_up_returns_and_leaves_nothing(place: Fleet) -> None:
    place.up()
    found = json.loads(place.sophia("call", "tasks.search", "query=billing", "--json").stdout)
    assert found["complete"] is True
    assert {each["provider"] for each in found["items"]} == {"linear", "asana"}
    assert len(place.left()) == 8
    assert place.sophia("down").returncode == 0
    assert place.left() == []


def test_what_was_kept_is_there_again_after_down_and_up(place: Fleet) -> None:
    place.up(*ENGINES)
    with socket.create_connection(("127.0.0.1", place.processes()["redis"]["port"]), 5) as redis:
        redis.sendall(b"SET kept yes\r\n")
        assert redis.recv(100) == b"+OK\r\n"
    place.sophia("down")
    place.up(*ENGINES)
    with socket.create_connection(("127.0.0.1", place.processes()["redis"]["port"]), 5) as redis:
        redis.sendall(b"GET kept\r\n")
        assert redis.recv(100) == b"$3\r\nyes\r\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_fleet_in_the_foreground_ends_in_order_with_a_signal(
    place: Fleet, number: signal.Signals
) -> None:
    with begun(place, *ENGINES) as process:
        assert len(place.left()) == 4
        process.send_signal(number)
        assert process.wait(timeout=30) == 0
        assert place.left() == []


def test_a_second_ctrl_c_waits_for_nobody(place: Fleet) -> None:
    with begun(place, *ENGINES) as process:
        os.kill(place.pids()["redis"], signal.SIGSTOP)  # it will not heed a polite request
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        assert any(line == "stopping\n" for line in process.stderr)

        def ends() -> bool:
            process.send_signal(signal.SIGINT)
            return process.poll() is not None

        until(ends, 10)
        assert process.returncode == 0
        assert place.left() == []


def test_a_fleet_ends_when_its_foreground_is_killed(place: Fleet) -> None:
    with begun(place, *ENGINES) as process:
        process.kill()
        process.wait(timeout=10)
        until(lambda: place.left() == [])


def test_a_fleet_ends_when_its_supervisor_is_killed(place: Fleet) -> None:
    with begun(place, *ENGINES) as process:
        os.kill(int((place.state / "run" / "supervisord.pid").read_text("ascii")), signal.SIGKILL)
        assert process.wait(timeout=30) == 1
        assert process.stderr is not None
        assert "the supervisor ended with code -9" in process.stderr.read()
        until(lambda: place.left() == [])


def test_the_foreground_ends_with_the_fleet_when_it_is_taken_down(place: Fleet) -> None:
    with begun(place, *ENGINES) as process:
        assert place.sophia("down").returncode == 0
        assert process.wait(timeout=30) == 0
    assert place.left() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
@pytest.mark.parametrize("detach", [(), ("--detach",)])
def test_a_signal_while_it_starts_leaves_nothing_behind(
    place: Fleet, number: signal.Signals, detach: tuple[str, ...]
) -> None:
    process = place.begin("up", "--ports", "auto", "--only", "sandbox", *detach)
    try:
        until(lambda: any("services.sandbox" in each for each in place.left()))
        process.send_signal(number)
        process.communicate(timeout=30)
        until(lambda: place.left() == [])
        asked = 130 if detach else 0
        assert process.returncode == (asked if number is signal.SIGINT else -9)
    finally:
        process.kill()
        process.communicate()


def test_a_port_that_is_taken_is_named_before_anything_starts(place: Fleet) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mine:
        port = mine.getsockname()[1]
        done = place.sophia("up", "--ports", "auto", "--port", f"redis={port}", *ENGINES)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"port {port} (for redis) is taken by `")
    assert f"(pid {os.getpid()})" in line
    assert place.left() == []


@pytest.mark.parametrize("detach", [(), ("--detach",)])
def test_a_process_that_dies_at_start_is_named_with_its_last_words(
    place: Fleet, detach: tuple[str, ...]
) -> None:
    (place.state / "redis").mkdir()
    (place.state / "redis" / "dump.rdb").write_bytes(b"no database")
    done = place.sophia("up", "--ports", "auto", *ENGINES, *detach)
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert last.startswith("redis died at start (exit status 1): ")
    assert "error loading the DB" in last
    assert place.left() == []


def test_production_refuses_stand_ins_and_says_what_to_set(place: Fleet) -> None:
    done = Fleet(place.state, {"FLEET_PROFILE": "production"}).sophia("up", "--ports", "auto")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    for name in ("FLEET_NATS_URL", "FLEET_REDIS_URL", "LINEAR_API_KEY", "ASANA_ACCESS_TOKEN"):
        assert name in line
    assert place.left() == []


def test_a_state_folder_with_a_long_name_works_and_leaves_no_socket_elsewhere(
    tmp_path: Path,
) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    state = tmp_path / ("long" * 20) / "state of the fleet"
    with running(state, "--only", "nats", TMPDIR=str(temporary)) as found:
        assert found.processes()["nats"]["ready"]
        assert len(list(temporary.iterdir())) == 1
    assert found.left() == []
    assert list(temporary.iterdir()) == []


def test_two_fleets_live_beside_each_other(engines: Fleet, place: Fleet) -> None:
    before = engines.pids()
    place.up(*ENGINES)
    place.sophia("down")
    assert engines.pids() == before
