"""The gRPC face as any client sees it: generated stubs, standard health, reflection."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from registry.fleet import Engines, Fleet
from registry.v1 import registry_pb2 as pb
from registry.v1.registry_pb2_grpc import RegistryServiceStub
from tests.support.registry import BAD, Answers, server, write
from tests.support.registry_process import grpc_registry

if TYPE_CHECKING:
    from registry.v1.registry_pb2_grpc import RegistryServiceAsyncStub

QUICK = {"quick_interval_seconds": 0.05, "fall": 1, "rise": 1}
STATUS = health_pb2.HealthCheckResponse


@dataclass
class Bench:
    """A registry process's inside, and a client at its gRPC face."""

    channel: grpc.aio.Channel
    stub: "RegistryServiceAsyncStub"
    fleet: Fleet
    answers: Answers
    path: Path


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncGenerator[Bench]:
    path = tmp_path / "registry.yaml"
    people = server("b", tier="TERTIARY", capabilities=["PEOPLE"])
    write(path, server("a"), people, **QUICK)
    answers = Answers(b=BAD)
    fleet = Fleet(path, Engines(answers, {}))
    async with (
        asyncio.timeout(15),
        grpc_registry(fleet) as target,
        grpc.aio.insecure_channel(target) as channel,
    ):
        yield Bench(channel, RegistryServiceStub(channel), fleet, answers, path)


async def states(bench: Bench, wanted: dict[str, str]) -> pb.GetSnapshotResponse:
    async for _ in bench.stub.WatchHealth(pb.WatchHealthRequest()):
        found = await bench.stub.GetSnapshot(pb.GetSnapshotRequest())
        if {each.server: pb.State.Name(each.state) for each in found.snapshot.health} == wanted:
            return found
    raise AssertionError("the stream ended")


BOTH = {"a": "STATE_UP", "b": "STATE_DOWN"}


async def test_the_snapshot_is_served(bench: Bench) -> None:
    found = await states(bench, BOTH)
    assert [each.name for each in found.snapshot.servers] == ["a", "b"]
    assert found.snapshot.revision > 0
    assert not found.HasField("load_error")


async def test_servers_are_listed_with_their_health(bench: Bench) -> None:
    await states(bench, BOTH)
    found = await bench.stub.ListServers(pb.ListServersRequest())
    assert [(each.server.name, each.health.reason) for each in found.servers] == [
        ("a", ""),
        ("b", "connection refused"),
    ]
    some = await bench.stub.ListServers(pb.ListServersRequest(capability="PEOPLE"))
    assert [each.server.name for each in some.servers] == ["b"]


async def test_one_server_is_found_by_name(bench: Bench) -> None:
    found = await bench.stub.GetServer(pb.GetServerRequest(name="a"))
    assert found.status.server.http.url == "http://a.test/mcp"


@pytest.mark.parametrize(
    ("method", "message", "code", "told"),
    [
        ("GetServer", pb.GetServerRequest(name="x"), "NOT_FOUND", "there is no server called x"),
        (
            "ListServers",
            pb.ListServersRequest(capability="TASK"),
            "INVALID_ARGUMENT",
            "'TASK' is no capability; known are TASKS",
        ),
        (
            "SetDrain",
            pb.SetDrainRequest(server="x", draining=True),
            "NOT_FOUND",
            "there is no server called x",
        ),
        (
            "RegisterServer",
            pb.RegisterServerRequest(server=pb.Server(name="c")),
            "INVALID_ARGUMENT",
            "registration: tier: must be PRIMARY, SECONDARY or TERTIARY",
        ),
        (
            "Heartbeat",
            pb.HeartbeatRequest(server="c", lease_id="guessed"),
            "NOT_FOUND",
            "c has no lease; register again",
        ),
    ],
)
async def test_a_refusal_has_a_status_and_a_clear_message(
    bench: Bench, method: str, message: Any, code: str, told: str
) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await getattr(bench.stub, method)(message)
    assert caught.value.code().name == code
    assert told in (caught.value.details() or "")


async def test_snapshots_are_watched_whole_first_and_then_as_changes(bench: Bench) -> None:
    await states(bench, BOTH)
    stream = bench.stub.WatchSnapshots(pb.WatchSnapshotsRequest())
    first = await anext(aiter(stream))
    assert len(first.snapshot.servers) == 2
    await bench.stub.SetDrain(pb.SetDrainRequest(server="a", draining=True, reason="upgrade"))
    second = await anext(aiter(stream))
    assert second.WhichOneof("change") == "health_update"
    (drained,) = second.health_update.health
    assert (drained.server, drained.reason) == ("a", "upgrade")
    write(bench.path, server("a"), **QUICK)
    third = await anext(aiter(stream))
    assert [each.name for each in third.snapshot.servers] == ["a"]
    stream.cancel()


async def test_a_watcher_hears_that_nothing_has_changed(bench: Bench) -> None:
    await states(bench, BOTH)
    stream = bench.stub.WatchSnapshots(pb.WatchSnapshotsRequest())
    first = await anext(aiter(stream))
    assert first.WhichOneof("change") == "snapshot"
    while (response := await anext(aiter(stream))).WhichOneof("change") is not None:
        assert not response.HasField("snapshot")
    stream.cancel()


async def test_a_refused_file_is_told_to_watchers(bench: Bench) -> None:
    stream = bench.stub.WatchSnapshots(pb.WatchSnapshotsRequest())
    await anext(aiter(stream))
    write(bench.path, server("a", tier="FIRST"), **QUICK)
    async for response in stream:
        if response.HasField("load_error"):
            assert "servers.a.tier" in response.load_error.message
            break
    stream.cancel()


async def test_health_of_one_server_is_watched(bench: Bench) -> None:
    await states(bench, BOTH)
    stream = bench.stub.WatchHealth(pb.WatchHealthRequest(server="a"))
    assert [each.server for each in (await anext(aiter(stream))).health] == ["a"]
    await bench.stub.SetDrain(pb.SetDrainRequest(server="b", draining=True))
    await bench.stub.SetDrain(pb.SetDrainRequest(server="a", draining=True))
    (changed,) = (await anext(aiter(stream))).health
    assert (changed.server, changed.state) == ("a", pb.STATE_DRAINING)
    stream.cancel()


async def test_a_server_registers_beats_and_leaves(bench: Bench) -> None:
    request = pb.RegisterServerRequest(
        server=pb.Server(
            name="c",
            tier=pb.TIER_SECONDARY,
            capabilities=["TASKS"],
            http=pb.HttpTransport(url="http://c.test/mcp"),
        )
    )
    request.ttl.FromTimedelta(timedelta(seconds=60))
    lease = await bench.stub.RegisterServer(request)
    await states(bench, {**BOTH, "c": "STATE_UP"})
    beat = await bench.stub.Heartbeat(pb.HeartbeatRequest(server="c", lease_id=lease.lease_id))
    assert beat.expires_at.ToDatetime() >= lease.expires_at.ToDatetime()
    await bench.stub.DeregisterServer(
        pb.DeregisterServerRequest(server="c", lease_id=lease.lease_id)
    )
    await states(bench, BOTH)


async def test_a_registration_may_not_name_our_secrets(bench: Bench) -> None:
    thief = pb.Server(
        name="c",
        tier=pb.TIER_PRIMARY,
        http=pb.HttpTransport(url="http://thief.test/mcp"),
        secret="env:LINEAR_MCP_TOKEN",
    )
    with pytest.raises(grpc.aio.AioRpcError, match="secret: may only be in the file"):
        await bench.stub.RegisterServer(pb.RegisterServerRequest(server=thief))


async def test_a_reported_failure_is_probed_at_once(bench: Bench) -> None:
    await states(bench, BOTH)
    bench.answers.by_server["a"] = BAD
    await bench.stub.ReportFailure(pb.ReportFailureRequest(server="a", reason="refused"))
    await states(bench, {"a": "STATE_DOWN", "b": "STATE_DOWN"})


async def test_standard_health_has_one_service_a_server(bench: Bench) -> None:
    await states(bench, BOTH)
    health: Any = health_pb2_grpc.HealthStub(bench.channel)

    async def status(name: str) -> int:
        answer = await health.Check(health_pb2.HealthCheckRequest(service=name))
        return int(answer.status)

    assert await status("") == STATUS.SERVING
    assert await status("a") == STATUS.SERVING
    assert await status("b") == STATUS.NOT_SERVING
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await status("x")
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


async def test_standard_health_is_watched(bench: Bench) -> None:
    await states(bench, BOTH)
    health: Any = health_pb2_grpc.HealthStub(bench.channel)
    stream = health.Watch(health_pb2.HealthCheckRequest(service="a"))
    assert (await anext(aiter(stream))).status == STATUS.SERVING
    await bench.stub.SetDrain(pb.SetDrainRequest(server="a", draining=True))
    assert (await anext(aiter(stream))).status == STATUS.NOT_SERVING
    write(bench.path, server("b"), **QUICK)
    assert (await anext(aiter(stream))).status == STATUS.SERVICE_UNKNOWN
    stream.cancel()


async def test_reflection_tells_the_services_and_their_methods(bench: Bench) -> None:
    channel: Any = bench.channel
    stub: Any = reflection_pb2_grpc.ServerReflectionStub(channel)
    questions = [
        reflection_pb2.ServerReflectionRequest(list_services=""),
        reflection_pb2.ServerReflectionRequest(
            file_containing_symbol="registry.v1.RegistryService"
        ),
    ]
    answers = [answer async for answer in stub.ServerReflectionInfo(iter(questions))]
    names = {each.name for each in answers[0].list_services_response.service}
    assert {"registry.v1.RegistryService", "grpc.health.v1.Health"} <= names
    files = answers[1].file_descriptor_response.file_descriptor_proto
    (service,) = (found for raw in files for found in FileDescriptorProto.FromString(raw).service)
    assert {method.name for method in service.method} == {
        "GetSnapshot",
        "WatchSnapshots",
        "ListServers",
        "GetServer",
        "WatchHealth",
        "RegisterServer",
        "Heartbeat",
        "DeregisterServer",
        "SetDrain",
        "ReportFailure",
    }
