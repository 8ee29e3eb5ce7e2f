"""Processes of our own that are asked over their pipes, of both eras and of no manners."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import psutil
import pytest
import structlog

from gateway.upstream.replies import BrokenOff, Hung, Json, Outage, RpcError
from gateway.upstream.stdio.link import Pace, Stdio
from gateway.upstream.stdio.process import Command
from kit.errors import Internal
from tests.support import pipes

QUICK = Pace(question=0.3, start=10, steady=60, pause=0.05, longest=0.2)


@contextlib.asynccontextmanager
async def running(argv: tuple[str, ...], pace: Pace = QUICK, **more: Any) -> AsyncGenerator[Stdio]:
    command = Command(argv, folder=pipes.ROOT, **more)
    link = Stdio("peer", command, 1 << 20, pace=pace)
    before = {child.pid for child in children()}
    try:
        async with asyncio.timeout(20):
            yield link
    finally:
        await link.close()
    assert {child.pid for child in children()} <= before


def children() -> list[psutil.Process]:
    return psutil.Process().children(recursive=True)


async def called(link: Stdio, tool: str, seconds: float = 15, **more: Any) -> Any:
    arguments = {key: more.pop(key) for key in ("words", "count", "name") if key in more}
    params = {"name": tool, "arguments": arguments}
    result = await link.ask("tools/call", params, seconds=seconds, **more)
    return result.get("structuredContent")


async def again(link: Stdio) -> Any:
    """Return what ``echo`` answers, once the process is back."""
    while True:
        try:
            return await called(link, "echo", words="back")
        except (Outage, BrokenOff):
            await asyncio.sleep(0.02)  # noqa: TID251 -- the process is away for a while


@pytest.mark.parametrize(
    ("argv", "version"),
    [
        (pipes.TALKER, "2026-07-28"),
        (pipes.LEGACY, "2024-11-05"),
        (pipes.SILENT, "2024-11-05"),
        (pipes.FRAIL, "2024-11-05"),
        (pipes.BABBLING, "2024-11-05"),
    ],
    ids=["modern", "legacy", "silent", "frail", "babbling"],
)
async def test_a_process_is_spoken_to_in_its_own_era(argv: tuple[str, ...], version: str) -> None:
    async with running(argv) as link:
        answer = await again(link)
        assert answer["words"] == "back"
        said = await link.ask("server/discover", {}, seconds=15)
        assert version in said["supportedVersions"]
        listed = await link.ask("tools/list", {}, seconds=15)
        assert listed["tools"][0]["name"] == "echo"
        assert (listed["resultType"], listed["cacheScope"]) == ("complete", "private")


async def test_many_calls_share_the_pipe_and_each_gets_its_own_answer() -> None:
    async with running(pipes.LEGACY) as link:
        asked = [called(link, "echo", words=f"w{n}") for n in range(50)]
        assert [each["words"] for each in await asyncio.gather(*asked)] == [
            f"w{n}" for n in range(50)
        ]


async def test_progress_and_cancellation_go_through_the_pipe() -> None:
    seen: list[Json] = []

    async def notify(message: Json) -> None:
        seen.append(message["params"])

    async with running(pipes.TALKER) as link:
        await called(link, "steps", count=2, meta={"progressToken": "t"}, notify=notify)
        assert [(each["progress"], each["progressToken"]) for each in seen] == [(1, "t"), (2, "t")]
        with pytest.raises(Hung, match=r"peer did not answer within 0\.3 s"):
            await called(link, "hold", seconds=0.3)
        assert (await called(link, "echo", words="on"))["words"] == "on"


async def test_a_modern_process_says_its_errors_as_they_are() -> None:
    async with running(pipes.TALKER) as link:
        with pytest.raises(RpcError):
            await link.ask("resources/read", {"uri": "test://nothing"}, seconds=15)


async def test_a_child_sees_only_what_it_is_allowed_to(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SENTINEL_SECRET", "sandbox-secret")
    monkeypatch.setenv("NAMED_TOKEN", "sandbox-token")
    monkeypatch.setenv("PYTHONPATH", pipes.ROOT)
    command = Command(pipes.TALKER, ("NAMED_TOKEN", "PYTHONPATH", "NOT_SET"), str(tmp_path))
    link = Stdio("peer", command, 1 << 20)
    told = await called(link, "surroundings")
    await link.close()
    assert told["folder"] == str(tmp_path)
    assert told["variables"]["NAMED_TOKEN"] == "sandbox-token"
    allowed = {"PATH", "HOME", "LANG", "NAMED_TOKEN", "PYTHONPATH"}
    assert set(told["variables"]) - {"LC_CTYPE"} <= allowed, "Python itself adds LC_CTYPE"


@pytest.mark.parametrize("argv", [pipes.LEGACY, pipes.TALKER], ids=["legacy", "modern"])
async def test_a_child_that_is_killed_is_started_again(argv: tuple[str, ...]) -> None:
    async with running(argv) as link:
        await again(link)
        (child,) = [each for each in children() if "-c" in each.cmdline() or "-m" in each.cmdline()]
        os.kill(child.pid, signal.SIGKILL)
        assert (await again(link))["words"] == "back"
        assert not child.is_running()


async def test_a_call_that_runs_when_the_process_dies_is_told_so() -> None:
    async with running(pipes.TALKER, Pace(pause=0.5)) as link:
        with pytest.raises(BrokenOff, match="peer ended with 3"):
            await called(link, "die")
        with pytest.raises(Outage, match=r"peer is not running: ended with 3; next start in 0\.5"):
            await called(link, "echo")
        assert (await again(link))["words"] == "back"


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (("no-such-program-anywhere",), "there is no program no-such-program-anywhere"),
        ((pipes.PYTHON, "-c", "raise SystemExit(7)"), "is not running: ended with 7"),
        ((pipes.PYTHON, "-c", "input()"), "is not running: ended with 0"),
        (pipes.MUTE, r"it did not answer within 0\.4 s of its start"),
    ],
    ids=["missing", "failing", "ending", "mute"],
)
async def test_a_process_that_does_not_serve_is_told_as_what_it_is(
    argv: tuple[str, ...], told: str
) -> None:
    async with running(argv, Pace(question=0.1, start=0.4, pause=5)) as link:
        with pytest.raises(Outage, match=told):
            await called(link, "echo")


async def test_who_has_no_time_is_told_that_it_is_still_starting() -> None:
    async with running(pipes.MUTE, Pace(question=5)) as link:
        with pytest.raises(Outage, match="peer is still starting"):
            await called(link, "echo", seconds=0.2)


async def test_an_answer_that_is_too_long_ends_the_process() -> None:
    async with running(pipes.ENDLESS) as link:
        with pytest.raises((BrokenOff, Internal)):
            await called(link, "echo", words="x")
        with pytest.raises(Outage, match="it answered a line of more than 1048576 bytes"):
            await called(link, "echo", words="x")


async def test_a_process_that_reads_nothing_is_not_fed_without_end() -> None:
    async with running(pipes.MUTE, Pace(question=0.01, start=10)) as link:
        with pytest.raises(Outage, match="still starting"):
            await called(link, "echo", words="x" * 1000, seconds=0.2)


async def test_children_of_the_child_end_with_it() -> None:
    async with running(pipes.TALKER) as link:
        born = psutil.Process((await called(link, "spawn"))["pid"])
        assert born.is_running()
    assert psutil.wait_procs([born], timeout=5)[1] == [] or born.status() == "zombie"


async def test_a_process_that_will_not_go_is_killed() -> None:
    async with running(pipes.STUBBORN) as link:
        pid = (await called(link, "echo", words="x"))["pid"]
    assert not psutil.pid_exists(pid)


async def test_what_a_child_says_aside_is_logged_under_its_servers_name() -> None:
    flood = pipes.program("""
for number in range(500):
    print("line", number, "y" * 5000, file=sys.stderr)
for message in told():
    serve(message)
print("last words", end="", file=sys.stderr)
""")
    with structlog.testing.capture_logs() as logs:
        async with running(flood) as link:
            await again(link)
        async with running(pipes.BABBLING) as link:
            await again(link)
    said = [each for each in logs if each["event"] == "stdio.said"]
    assert {each["server"] for each in said} == {"peer"}
    assert max(len(each["line"]) for each in said) == 1000
    assert [each["line"] for each in said[-2:]] == ["last words", "warming up"]
    assert 50 <= len(said) < 200, "a flood is thinned"
    assert [each["server"] for each in logs if each["event"] == "stdio.flooding"]
    strays = [each["line"] for each in logs if each["event"] == "stdio.no_message"]
    assert strays[:2] == ["Welcome to my server!", "got server/discover"]


async def test_what_was_closed_is_not_started_again() -> None:
    async with running(pipes.LEGACY) as link:
        await again(link)
        await link.close()
        with pytest.raises(Outage, match="peer was closed"):
            await called(link, "echo")
