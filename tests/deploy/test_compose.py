import hashlib
import re
from typing import Any

import pytest

from tests.support.deployment import ENGINES, ROOT, compose, tool

CHOWN = "nats-volume"
processes = pytest.mark.parametrize("name", sorted(compose().keys() - {*ENGINES, CHOWN}))
every = pytest.mark.parametrize("name", sorted(compose()))


def service(name: str) -> dict[str, Any]:
    found: dict[str, Any] = compose()[name]
    return found


def test_it_is_valid_without_any_environment() -> None:
    tool("docker-compose", "--env-file", "/dev/null", "config", "--quiet")


def test_it_keeps_to_the_compose_specification() -> None:
    tool("check-jsonschema", "--builtin-schema", "vendor.compose-spec", "docker-compose.yml")


def test_the_sandbox_is_only_in_the_embedded_profile() -> None:
    profiles = {name: each["profiles"] for name, each in compose().items() if "profiles" in each}
    assert profiles == {"sandbox": ["embedded"]}


@every
def test_a_container_cannot_do_more_than_it_needs(name: str) -> None:
    each = service(name)
    assert each["read_only"] is True
    assert each["cap_drop"] == ["ALL"]
    assert each["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "pid", "ipc", "devices"} & each.keys()
    may_be_root = name == CHOWN and each["cap_add"] == ["CHOWN"] and each["network_mode"] == "none"
    assert may_be_root or (not each["user"].startswith("0") and "cap_add" not in each)


@every
def test_a_container_has_limits(name: str) -> None:
    assert service(name)["deploy"]["resources"]["limits"].keys() == {"cpus", "memory", "pids"}
    assert service(name)["logging"]["options"].keys() == {"max-size", "max-file"}


@every
def test_an_image_has_an_exact_version(name: str) -> None:
    _, _, tag = service(name)["image"].rpartition(":")
    assert tag.partition("-")[0].count(".") == 2, "give major, minor and patch"


@every
def test_nothing_of_the_host_is_writable_or_secret_inside(name: str) -> None:
    binds = [each for each in service(name).get("volumes", ()) if each["type"] == "bind"]
    for bind in binds:
        assert bind["read_only"] is True
        assert bind["source"].startswith(str(ROOT / "deploy"))


@pytest.mark.parametrize("name", sorted(compose().keys() - {CHOWN}))
def test_a_container_is_asked_whether_it_is_ready(name: str) -> None:
    assert service(name)["healthcheck"]["test"][0] == "CMD"
    assert "start_interval" in service(name)["healthcheck"]


def test_whoever_needs_another_waits_until_that_is_ready() -> None:
    for each in compose().values():
        for name, need in each.get("depends_on", {}).items():
            ended = need["condition"] == "service_completed_successfully"
            assert ended if name == CHOWN else need["condition"] == "service_healthy"


@processes
def test_a_process_is_given_time_to_drain(name: str) -> None:
    drain = 10  # kit.settings.ServerSettings.drain_seconds, which no container changes
    seconds = service(name)["stop_grace_period"].removesuffix("s")
    assert int(seconds) >= drain + 5
    assert not [key for key in service(name)["environment"] if key.endswith("DRAIN_SECONDS")]


def test_only_the_gateway_is_published_and_only_to_this_machine() -> None:
    published = {name: each["ports"] for name, each in compose().items() if "ports" in each}
    assert published.keys() == {"gateway"}
    assert {port["host_ip"] for port in published["gateway"]} == {"127.0.0.1"}


def test_the_documented_key_opens_the_gateway() -> None:
    said = re.search(r"Its key is\n# `([a-z-]+)`", (ROOT / "docker-compose.yml").read_text("utf-8"))
    assert said is not None
    digest = hashlib.sha256(said[1].encode()).hexdigest()
    assert service("gateway")["environment"]["GATEWAY_KEYS"] == f"sandbox:{digest}"
