import asyncio
from pathlib import Path

from registry.local import FileSource
from registry.model import State
from registry.prober import AT_ONCE
from tests.support.mcp_server import mcp_app
from tests.support.registry import server, until, write
from tests.support.serving import hanging, serving


async def test_many_hanging_servers_do_not_make_a_healthy_one_look_down(tmp_path: Path) -> None:
    many = AT_ONCE + 30
    async with asyncio.timeout(30), hanging() as stuck, serving(mcp_app(["tasks_search"])) as well:
        path = write(
            tmp_path / "registry.yaml",
            *(
                server(f"s{number}", transport={"kind": "http", "url": f"{stuck}/mcp"})
                for number in range(many)
            ),
            server("well", transport={"kind": "http", "url": f"{well}/mcp"}),
            timeout_seconds=1,
            quick_interval_seconds=0.1,
            interval_seconds=0.1,
        )
        states: set[State] = set()
        async with FileSource(path, variables={}) as source:
            async for snapshot in source.changes():
                states.add(snapshot.health_of("well").state)
                if all(snapshot.health_of(f"s{n}").state is State.DOWN for n in range(many)):
                    break
            reasons = {snapshot.health_of(f"s{number}").reason for number in range(many)}
            await until(source.changes(), lambda s: s.health_of("well").state is State.UP)
    assert states == {State.UNKNOWN, State.UP}
    assert reasons == {f"no answer from {stuck.removeprefix('http://')} within 1 s"}
