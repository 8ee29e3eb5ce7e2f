"""Every process of the fleet, as data: a new service is one entry here.

In ``command`` and ``exports``, ``{port}`` is the process's own port, ``{ports[NAME]}`` that of
another, ``{state}`` the state folder, ``{registry}`` the registry file and ``{python}``,
``{nats-server}``, ``{redis-server}`` are programs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Final


class Layer(IntEnum):
    """Order of stopping: the highest goes first, so that nobody loses what it still needs."""

    ENGINE = 10
    SERVICE = 20
    EDGE = 30


class Asked(StrEnum):
    """How a process is asked whether it is ready."""

    HTTP = "http"
    NATS = "nats"
    REDIS = "redis"


@dataclass(frozen=True, slots=True)
class Vendor:
    """How a service reaches its vendor, or the sandbox in its place.

    Attributes:
        credentials: Environment names of the vendor's credentials; one of them is enough, and
            the sandbox's token goes into the first.
        base_url: Environment name of the address that the service's client uses.
        sandbox_path: Where the sandbox serves this vendor.
        sandbox_token: The field of the sandbox's settings with its token.
    """

    credentials: tuple[str, ...]
    base_url: str
    sandbox_path: str
    sandbox_token: str


@dataclass(frozen=True, slots=True)
class Process:
    """One process.

    Attributes:
        name: What people call it; also its log's name.
        layer: When it is stopped.
        port: Its default port.
        command: What is run, split like a shell would.
        asked: How it is asked whether it is ready.
        more_ports: Further ports by name, with their defaults.
        exports: Environment that all processes get while this one is in the fleet.
        defaults: Environment that it gets where the person's own has no such name.
        replaced_by: Environment name of a real engine's address; set, this process is not run.
        stand_in: Embedded engine or sandbox: production refuses it.
        vendor: For a service with a vendor.
    """

    name: str
    layer: Layer
    port: int
    command: str
    asked: Asked = Asked.HTTP
    more_ports: Mapping[str, int] = field(default_factory=dict)
    exports: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    replaced_by: str | None = None
    stand_in: bool = False
    vendor: Vendor | None = None


def _service(name: str, port: int, vendor: Vendor) -> Process:
    return Process(
        name=name,
        layer=Layer.SERVICE,
        port=port,
        command=f"{{python}} -m services.{name} --port {{port}}",
        exports={f"{name.upper()}_URL": "http://127.0.0.1:{port}/mcp"},
        vendor=vendor,
    )


SANDBOX: Final = "sandbox"
GATEWAY: Final = "gateway"
REGISTRY: Final = "registry"

PROCESSES: Final = (
    Process(
        name="nats",
        layer=Layer.ENGINE,
        port=9422,
        command="{nats-server} --addr 127.0.0.1 --port {port} --jetstream --store_dir {state}/nats",
        asked=Asked.NATS,
        exports={"FLEET_NATS_URL": "nats://127.0.0.1:{port}"},
        replaced_by="FLEET_NATS_URL",
        stand_in=True,
    ),
    Process(
        name="redis",
        layer=Layer.ENGINE,
        port=9379,
        command="{redis-server} --bind 127.0.0.1 --port {port} --dir {state}/redis --save 60 1",
        asked=Asked.REDIS,
        exports={"FLEET_REDIS_URL": "redis://127.0.0.1:{port}/0"},
        replaced_by="FLEET_REDIS_URL",
        stand_in=True,
    ),
    Process(
        name=SANDBOX,
        layer=Layer.ENGINE,
        port=9200,
        command="{python} -m services.sandbox --port {port}",
        # The vendors' own, thirty searches a minute and the like, end any trying out.
        defaults={"SANDBOX_LIMITS": "generous"},
        stand_in=True,
    ),
    Process(
        name=REGISTRY,
        layer=Layer.SERVICE,
        port=9101,
        more_ports={"registry-grpc": 9100},
        command="{python} -m registry --registry {registry} "
        "--grpc-port {ports[registry-grpc]} --port {port}",
    ),
    _service(
        "linear",
        9004,
        Vendor(
            ("LINEAR_API_KEY", "LINEAR_OAUTH_TOKEN"),
            "LINEAR_BASE_URL",
            "/linear/graphql",
            "linear_token",
        ),
    ),
    _service(
        "asana",
        3006,
        Vendor(("ASANA_ACCESS_TOKEN",), "ASANA_BASE_URL", "/asana/api/1.0", "asana_token"),
    ),
    Process(
        name=GATEWAY,
        layer=Layer.EDGE,
        port=8000,
        command="{python} -m gateway "
        "--registry grpc://127.0.0.1:{ports[registry-grpc]} --port {port}",
    ),
)


def default_ports() -> dict[str, int]:
    """Return every port of the fleet by name."""
    found: dict[str, int] = {}
    for process in PROCESSES:
        found[process.name] = process.port
        found |= process.more_ports
    return found
