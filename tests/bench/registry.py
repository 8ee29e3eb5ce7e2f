"""What a registry of 1,000 servers costs: python -m tests.bench.registry.

Prints milliseconds, best of five, each beside its baseline in the same run.
"""

import timeit
from collections.abc import Callable
from datetime import UTC, datetime

import yaml

from kit.contract.operation import Capability
from registry import wire
from registry.known import Known
from registry.load import loads
from registry.model import ServerHealth, State
from registry.store import Store
from registry.v1 import registry_pb2 as pb

SERVERS = 1000
ROUNDS = 5
NOW = datetime(2026, 1, 5, tzinfo=UTC)

TEXT = "version: 2\nservers:\n" + "".join(
    f"""\
  - name: server-{number}
    description: Server number {number}
    tier: {("PRIMARY", "SECONDARY", "TERTIARY")[number % 3]}
    capabilities: [TASKS, PEOPLE]
    transport: {{kind: http, url: "${{URL_{number}:-http://127.0.0.1:{number + 1024}/mcp}}"}}
    limits: {{max_concurrency: 16, timeout_seconds: 20}}
    bindings:
      tasks.search:
        tool: list_issues
        arguments: {{query: query, limit: limit}}
        result: "{{items: issues[].{{title: title}}}}"
"""
    for number in range(SERVERS)
)


def report(name: str, work: Callable[[], object], number: int = 1) -> None:
    """Print the best time of one *work* in milliseconds."""
    best = min(timeit.repeat(work, number=number, repeat=ROUNDS)) / number
    print(f"{name:55} {best * 1000:10.4f} ms")  # noqa: T201 -- a report


def main() -> None:
    """Measure and print."""
    document = loads(TEXT, "bench", {})
    known = Known({}, {})
    known.use(document)
    servers = known.servers(NOW)
    health = {name: known.health(server) for name, server in servers.items()}
    store = Store("bench")
    store.swap(servers.values(), health)
    snapshot = store.snapshot
    full = wire.snapshot_out(snapshot).SerializeToString()
    states = [ServerHealth(state, NOW) for state in (State.UP, State.DOWN)]

    def learn() -> None:
        store.learn("server-500", states[store.snapshot.revision % 2])

    baseline = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    report("baseline: PyYAML alone, neither lines nor checks", lambda: yaml.load(TEXT, baseline))  # noqa: S506 -- a safe loader
    report(f"load {SERVERS} servers: lines, models, references", lambda: loads(TEXT, "b", {}))
    report("swap in a snapshot", lambda: Store("bench").swap(servers.values(), health))
    report("one server's health changes", learn, 100)
    report("snapshot to the wire", lambda: wire.snapshot_out(snapshot).SerializeToString())
    report("snapshot from the wire", lambda: wire.snapshot_in(_parsed(full), "x"))
    report("look-up by name", lambda: snapshot.server("server-500"), 10_000)
    report("look-up by capability", lambda: snapshot.with_capability(Capability.TASKS), 10_000)
    print(f"{'snapshot on the wire':55} {len(full) / 1024:10.0f} KiB")  # noqa: T201 -- a report


def _parsed(raw: bytes) -> pb.Snapshot:
    return pb.Snapshot.FromString(raw)


if __name__ == "__main__":
    main()
