"""Code, registry file, compose and Kubernetes name the same processes, ports and settings."""

import importlib
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from cli.fleet.processes import PROCESSES as CATALOGUE
from kit.settings import FleetSettings, ServerSettings
from registry.load import load
from tests.support.deployment import (
    ENGINES,
    OVERLAYS,
    ROOT,
    compose,
    container,
    environment,
    workloads,
)
from tools.house.service import STAND_INS

STAGING, PRODUCTION = ROOT / "k8s/overlays/staging", ROOT / "k8s/overlays/production"
PROCESSES = ("registry", "gateway", "linear", "asana", "sandbox")
SERVICES = ("linear", "asana")
CALLED_BY_NAME = (*SERVICES, "sandbox")  # and so by a Host that only settings make known
REGISTRY_FILE = ROOT / "deploy/registry.yaml"
KEY = f"someone:{'0' * 64}"

each_process = pytest.mark.parametrize("name", PROCESSES)
each_service = pytest.mark.parametrize("name", SERVICES)
each_place = pytest.mark.parametrize(
    ("place", "name"),
    [
        *((place, name) for place in ("compose", "staging") for name in PROCESSES),
        *(("production", name) for name in PROCESSES if name != "sandbox"),
    ],
)


def module(name: str) -> str:
    return name if name in {"registry", "gateway"} else f"services.{name}"


def settings(name: str) -> type[ServerSettings]:
    """Return the settings class of the process *name*."""
    declared = vars(importlib.import_module(f"{module(name)}.settings")).values()
    (only,) = [
        each
        for each in declared
        if isinstance(each, type)
        and issubclass(each, ServerSettings)
        and each.model_config.get("env_prefix")
    ]
    return only


def ports(name: str) -> set[int]:
    """Return the ports that the process *name* listens on when nothing else is said."""
    fields = settings(name).model_fields
    return {field.default for key, field in fields.items() if key.endswith("port")}


def given(place: str, name: str) -> Mapping[str, str | None]:
    """Return the environment that *place* gives the process *name*."""
    if place == "compose":
        values: Mapping[str, str | None] = compose()[name]["environment"]
        return values
    overlay = ROOT / "k8s/overlays" / place
    return environment(overlay, workloads(overlay)[name])


def interpolated() -> set[str]:
    """Return the names that the registry file takes from the environment."""
    lines = REGISTRY_FILE.read_text(encoding="utf-8").splitlines()
    text = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    return set(re.findall(r"\$\{([A-Z_]+)", text))


def test_every_place_has_the_same_processes() -> None:
    everything = {*PROCESSES, *ENGINES}
    assert {process.name for process in CATALOGUE} == everything
    assert compose().keys() - {"nats-volume"} == everything
    assert workloads(STAGING).keys() == everything
    assert workloads(PRODUCTION).keys() == everything - {"sandbox"}


def test_the_registry_lists_every_service_and_no_other_process() -> None:
    folders = {path.parent.name for path in ROOT.glob("services/*/service.yaml")} - STAND_INS
    listed = {server.name for server in load(REGISTRY_FILE, {}).servers}
    assert set(SERVICES) == folders == listed


@each_service
def test_the_registry_says_of_a_service_what_it_says_itself(name: str) -> None:
    (server,) = [each for each in load(REGISTRY_FILE, {}).servers if each.name == name]
    manifest = yaml.safe_load((ROOT / f"services/{name}/service.yaml").read_text("utf-8"))
    assert set(server.capabilities) == set(manifest["capabilities"])
    assert server.transport.url == f"http://127.0.0.1:{manifest['port']}/mcp"


@each_process
def test_the_laptop_uses_the_ports_of_the_settings(name: str) -> None:
    (process,) = [each for each in CATALOGUE if each.name == name]
    assert {process.port, *process.more_ports.values()} == ports(name)


@each_process
def test_kubernetes_uses_the_ports_of_the_settings(name: str) -> None:
    declared = container(workloads(STAGING)[name])["ports"]
    assert {port["containerPort"] for port in declared} == ports(name)


@each_process
def test_compose_asks_the_port_of_the_settings(name: str) -> None:
    asked = re.search(
        r"http://127\.0\.0\.1:(\d+)/readyz", compose()[name]["healthcheck"]["test"][3]
    )
    assert asked is not None
    assert int(asked[1]) == settings(name).model_fields["port"].default


def test_the_gateway_is_published_where_it_listens() -> None:
    (port,) = compose()["gateway"]["ports"]
    assert port["target"] == settings("gateway").model_fields["port"].default


@each_place
def test_a_process_is_started_by_its_module(place: str, name: str) -> None:
    if place == "compose":
        command = compose()[name]["command"]
    else:
        command = container(workloads(ROOT / "k8s/overlays" / place)[name])["args"]
    assert command == ["python", "-m", module(name)]
    assert (ROOT / module(name).replace(".", "/") / "__main__.py").is_file()


@each_place
def test_every_variable_is_read_by_something(place: str, name: str) -> None:
    own = {f"{name}_{key}".upper() for key in settings(name).model_fields}
    common = {f"FLEET_{key}".upper() for key in FleetSettings.model_fields}
    read = own | common | (interpolated() if name == "registry" else set())
    assert given(place, name).keys() - read == set()


@each_place
def test_the_process_would_accept_its_settings(
    place: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key, value in given(place, name).items():
        secret = KEY if key == "GATEWAY_KEYS" else "a-secret"
        monkeypatch.setenv(key, secret if value is None else value)
    accepted = settings(name)()
    if name in CALLED_BY_NAME:
        assert accepted.hosts == (name,)
    assert accepted.host == "0.0.0.0"  # noqa: S104 -- a container listens to its network
    assert FleetSettings().profile == ("production" if place == "production" else "embedded")


@pytest.mark.parametrize("place", ["compose", *(path.name for path in OVERLAYS)])
@each_service
def test_the_registry_finds_the_service(place: str, name: str) -> None:
    port = settings(name).model_fields["port"].default
    assert given(place, "registry")[f"{name.upper()}_URL"] == f"http://{name}:{port}/mcp"
    assert interpolated() <= given(place, "registry").keys()


@pytest.mark.parametrize("place", ["compose", "staging"])
@each_service
def test_a_service_is_pointed_at_the_sandbox_as_on_a_laptop(place: str, name: str) -> None:
    (vendor,) = [each.vendor for each in CATALOGUE if each.name == name]
    assert vendor is not None
    sandbox, environment = settings("sandbox").model_fields, given(place, name)
    base_url = f"http://sandbox:{sandbox['port'].default}{vendor.sandbox_path}"
    assert environment[vendor.base_url] == base_url
    assert environment[vendor.credentials[0]] == sandbox[vendor.sandbox_token].default


def test_the_image_has_the_registry_file_where_the_registry_looks() -> None:
    default = settings("registry").model_fields["file"].default
    assert Path("/app", str(default)) == Path("/app/deploy/registry.yaml")
