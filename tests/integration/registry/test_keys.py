"""Every key of the registry file does something: one without an effect here is a failure.

An effect returns what is observed with one value of its key and with another.
"""

from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from kit.contract.operation import Capability
from registry import wire
from registry.app import summarised
from registry.fleet import Engines, Fleet
from registry.health import begin, next_probe_seconds, observe
from registry.known import Known
from registry.load import loads
from registry.mistakes import RegistryInvalid
from registry.model import Document, FactName, HealthPolicy, Server, ServerHealth, Snapshot
from registry.probe import fit, probe, probing_client
from registry.store import Store
from tests.support.mcp_server import mcp_app
from tests.support.registry import BAD, GOOD, Answers, server, text
from tests.support.serving import dead_port, hanging, serving

NOW = datetime(2026, 1, 5, tzinfo=UTC)
Effect = Callable[[], Awaitable[tuple[object, object]]]
EFFECTS: dict[str, Effect] = {}


def effect(*keys: str) -> Callable[[Effect], Effect]:
    def keep(found: Effect) -> Effect:
        EFFECTS.update(dict.fromkeys(keys, found))
        return found

    return keep


def made(**more: Any) -> Server:
    (found,) = loads(text(server("a", **more)), "registry.yaml", {}).servers
    return found


def known(*servers: dict[str, Any], **environment: str) -> Known:
    found = Known(environment, {})
    found.use(loads(text(*servers), "registry.yaml", environment))
    return found


def snapshot(*servers: dict[str, Any], **environment: str) -> Snapshot:
    store, found = Store("test"), known(*servers, **environment)
    there = found.servers(NOW)
    store.swap(there.values(), {name: found.health(each) for name, each in there.items()})
    return store.snapshot


def refused(source: str) -> bool:
    try:
        loads(source, "registry.yaml", {})
    except RegistryInvalid:
        return True
    return False


def policies(key: str, value: float) -> list[HealthPolicy]:
    """Return the policy as it is, with another default, and with the server's own."""
    (by_default,) = loads(text(server("a"), **{key: value}), "registry.yaml", {}).resolved()
    return [made().health, by_default.health, made(health={key: value}).health]


def after(history: str, policy: HealthPolicy) -> ServerHealth:
    track = begin(NOW)
    for each in history:
        track = observe(track, GOOD if each == "." else BAD, policy, NOW)
    return track.health


def compared(key: str, value: float, history: str) -> tuple[object, object]:
    """Return state and wait after *history*, with and without *value*, default or own."""
    found = [
        (after(history, each).state, next_probe_seconds(after(history, each), each, 0))
        for each in policies(key, value)
    ]
    assert found[1] == found[2]
    return found[0], found[1]


def at(base: str) -> dict[str, str]:
    return {"kind": "http", "url": f"{base}/mcp"}


def sent(found: Server) -> Server:
    """Return *found* as a gateway gets it, whose tests show what it makes of it."""
    return wire.server_in(wire.server_out(found))


@effect("version")
async def version() -> tuple[object, object]:
    good = text(server("a"))
    return refused(good), refused(good.replace("version: 2", "version: 1"))


@effect("defaults.health.interval_seconds", "servers.health.interval_seconds")
async def interval() -> tuple[object, object]:
    return compared("interval_seconds", 9, ".")


@effect("defaults.health.quick_interval_seconds", "servers.health.quick_interval_seconds")
async def quick_interval() -> tuple[object, object]:
    return compared("quick_interval_seconds", 2, "xxx")


@effect("defaults.health.fall", "servers.health.fall")
async def fall() -> tuple[object, object]:
    return compared("fall", 5, ".xxx")


@effect("defaults.health.rise", "servers.health.rise")
async def rise() -> tuple[object, object]:
    return compared("rise", 5, "xxx..")


@effect("defaults.health.timeout_seconds", "servers.health.timeout_seconds")
async def probe_timeout() -> tuple[object, object]:
    details = []
    async with hanging() as base, probing_client() as http:
        for seconds in (0.1, 0.2):
            for policy in policies("timeout_seconds", seconds)[1:]:
                target = made(transport=at(base)).model_copy(update={"health": policy})
                seen = await probe(http, target)
                details.append(seen.findings[FactName.REACHABLE].detail)
    assert details[0] == details[1]
    assert details[2] == details[3]
    return details[0], details[2]


@effect("servers.name")
async def name() -> tuple[object, object]:
    return snapshot(server("a")).server("a"), snapshot(server("b")).server("a")


@effect("servers.description")
async def description() -> tuple[object, object]:
    told = []
    for words in ("", "of us"):
        fleet = Fleet(Path("registry.yaml"), Engines(Answers(), {}))
        fleet.store.swap([made(description=words)], {})
        told.append(summarised(fleet)["servers"][0]["description"])
    return told[0], told[1]


@effect("servers.enabled")
async def enabled() -> tuple[object, object]:
    return snapshot(server("a")).server("a"), snapshot(server("a", enabled=False)).server("a")


@effect("servers.tier")
async def tier() -> tuple[object, object]:
    first, second = server("a"), server("b")
    lower = server("a", tier="SECONDARY")
    return snapshot(first, second).servers[0].name, snapshot(lower, second).servers[0].name


@effect("servers.capabilities")
async def capabilities() -> tuple[object, object]:
    tasks, people = snapshot(server("a")), snapshot(server("a", capabilities=["PEOPLE"]))
    return tasks.with_capability(Capability.TASKS), people.with_capability(Capability.TASKS)


@effect("servers.transport.kind")
async def kind() -> tuple[object, object]:
    stdio = {"kind": "stdio", "command": ["x"]}
    return refused(text(server("a"))), refused(text(server("a", transport=stdio)))


@effect("servers.transport.url")
async def url() -> tuple[object, object]:
    async with serving(mcp_app([])) as base, probing_client() as http:
        there = await probe(http, made(transport=at(base)))
        gone = await probe(http, made(transport=at(f"http://127.0.0.1:{dead_port()}")))
    return there.findings[FactName.REACHABLE].status, gone.findings[FactName.REACHABLE].status


@effect("servers.limits.max_concurrency")
async def max_concurrency() -> tuple[object, object]:
    return sent(made()), sent(made(limits={"max_concurrency": 1}))


@effect("servers.limits.timeout_seconds")
async def call_timeout() -> tuple[object, object]:
    return sent(made()), sent(made(limits={"timeout_seconds": 1}))


@effect("servers.secret")
async def secret() -> tuple[object, object]:
    target = server("a", secret="env:TOKEN")
    with_token = known(target, TOKEN="sandbox").target(made(secret="env:TOKEN")).token
    return with_token, known(server("a"), TOKEN="sandbox").target(made()).token


@effect("servers.requires")
async def requires() -> tuple[object, object]:
    states = [snapshot(server("a", requires=r)).health_of("a").state for r in ([], ["env:TEAM"])]
    return states[0], states[1]


def stand_in(**equivalence: Any) -> dict[str, Any]:
    return server("b", equivalence=equivalence)


@effect("servers.equivalence.to")
async def equivalence_to() -> tuple[object, object]:
    alone = snapshot(server("a"), server("b")).answering_for("a")
    return alone, snapshot(server("a"), stand_in(to="a", **{"class": "replica"})).answering_for("a")


@effect("servers.equivalence.class")
async def equivalence_class() -> tuple[object, object]:
    found = [
        snapshot(server("a"), stand_in(to="a", **{"class": each})).server("b")
        for each in ("replica", "fungible")
    ]
    return tuple(sent(each) for each in found if each)  # type: ignore[return-value]


@effect("servers.equivalence.max_age_seconds")
async def max_age() -> tuple[object, object]:
    copy = {"to": "a", "class": "snapshot"}
    return (
        refused(text(server("a"), stand_in(**copy))),
        refused(text(server("a"), stand_in(**copy, max_age_seconds=60))),
    )


def bound(**binding: Any) -> Server:
    return made(bindings={"tasks.search": {"tool": "list_issues", **binding}})


TOOLS: dict[str, Any] = {
    "list_issues": {"properties": {"q": {}}},
    "find_issues": {"properties": {"text": {}}},
}


@effect("servers.bindings.tool")
async def bound_tool() -> tuple[object, object]:
    return fit(bound(), TOOLS), fit(bound(tool="gone"), TOOLS)


@effect("servers.bindings.arguments")
async def bound_arguments() -> tuple[object, object]:
    return (
        fit(bound(arguments={"query": "q"}), TOOLS),
        fit(bound(arguments={"query": "text"}), TOOLS),
    )


@effect("servers.bindings.result")
async def bound_result() -> tuple[object, object]:
    return sent(bound()), sent(bound(result="issues"))


def leaves(model: type[BaseModel], within: str = "") -> Iterator[str]:
    """Yield every key of *model* by its path, lists and operation names left out."""
    for field_name, field in model.model_fields.items():
        path = f"{within}{field.alias or field_name}"
        inner = next(iter(models(field.annotation)), None)
        if inner is None:
            yield path
        else:
            yield from leaves(inner, f"{path}.")


def models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for each in getattr(annotation, "__args__", ()):
        yield from models(each)


def test_every_key_has_an_effect_and_every_effect_a_key() -> None:
    assert set(EFFECTS) == set(leaves(Document))


@pytest.mark.parametrize("key", sorted(EFFECTS))
async def test_the_key_changes_what_is_observed(key: str) -> None:
    before, changed = await EFFECTS[key]()
    assert before != changed
