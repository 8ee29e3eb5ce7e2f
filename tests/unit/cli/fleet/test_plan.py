"""What is to run, from settings and environment."""

from collections.abc import Collection
from pathlib import Path

import pytest

from cli.failure import Failure, Usage
from cli.fleet.plan import Given, Plan, environment_names, needed_programs, plan
from cli.fleet.processes import PROCESSES, default_ports
from services.sandbox.asana.vendor import Asana
from services.sandbox.linear.vendor import Linear
from services.sandbox.settings import SandboxSettings

ALL = {"nats", "redis", "sandbox", "registry", "linear", "asana", "gateway"}
KEYS = {"LINEAR_API_KEY", "ASANA_ACCESS_TOKEN"}
ENGINES = {"FLEET_NATS_URL", "FLEET_REDIS_URL"}


def planned(
    *, production: bool = False, present: Collection[str] = (), only: Collection[str] = ()
) -> Plan:
    return plan(
        Given(
            production=production,
            present=present,
            ports=default_ports(),
            programs={"python": "PY", "nats-server": "NATS", "redis-server": "REDIS"},
            tokens={"linear_token": "L", "asana_token": "A"},
            state=Path("/state folder"),
            registry=Path("/registry.yaml"),
            only=only,
        )
    )


def names(found: Plan) -> set[str]:
    return {each.name for each in found.processes}


def commands(found: Plan) -> dict[str, tuple[str, ...]]:
    return {each.name: each.command for each in found.processes}


def test_without_credentials_everything_runs_and_services_talk_to_the_sandbox() -> None:
    found = planned()
    assert names(found) == ALL
    assert {each.name: each.talks_to for each in found.processes if each.talks_to} == {
        "linear": "sandbox",
        "asana": "sandbox",
    }
    assert found.environment == {
        "FLEET_STATE": "/state folder",
        "FLEET_NATS_URL": "nats://127.0.0.1:9422",
        "FLEET_REDIS_URL": "redis://127.0.0.1:9379/0",
        "SANDBOX_LIMITS": "generous",
        "LINEAR_URL": "http://127.0.0.1:9004/mcp",
        "LINEAR_API_KEY": "L",
        "LINEAR_BASE_URL": "http://127.0.0.1:9200/linear/graphql",
        "ASANA_URL": "http://127.0.0.1:3006/mcp",
        "ASANA_ACCESS_TOKEN": "A",
        "ASANA_BASE_URL": "http://127.0.0.1:9200/asana/api/1.0",
    }


def test_who_wants_the_vendors_own_limits_gets_them() -> None:
    assert "SANDBOX_LIMITS" in environment_names()
    assert "SANDBOX_LIMITS" not in planned(present={"SANDBOX_LIMITS"}).environment


def test_the_sandbox_serves_where_the_services_look() -> None:
    served = {"linear": Linear.path, "asana": Asana.path}
    looked = {each.name: each.vendor for each in PROCESSES if each.vendor is not None}
    assert {name: vendor.sandbox_path for name, vendor in looked.items()} == served
    tokens = {vendor.sandbox_token for vendor in looked.values()}
    assert tokens <= set(SandboxSettings.model_fields)


@pytest.mark.parametrize("key", ["LINEAR_API_KEY", "LINEAR_OAUTH_TOKEN"])
def test_with_its_credential_a_service_talks_to_the_vendor(key: str) -> None:
    found = planned(present={key})
    assert names(found) == ALL
    assert {each.name: each.talks_to for each in found.processes if each.talks_to} == {
        "linear": "vendor",
        "asana": "sandbox",
    }
    assert "LINEAR_BASE_URL" not in found.environment
    assert "LINEAR_API_KEY" not in found.environment


def test_without_anybody_who_needs_it_there_is_no_sandbox() -> None:
    assert names(planned(present=KEYS)) == ALL - {"sandbox"}


def test_a_process_is_not_given_the_credentials_of_others() -> None:
    hidden = {each.name: set(each.hidden) for each in planned().processes}
    everybodys = {"LINEAR_API_KEY", "LINEAR_OAUTH_TOKEN", "ASANA_ACCESS_TOKEN"}
    assert hidden["linear"] == {"ASANA_ACCESS_TOKEN"}
    assert hidden["asana"] == {"LINEAR_API_KEY", "LINEAR_OAUTH_TOKEN"}
    assert hidden["gateway"] == everybodys


def test_a_real_engine_replaces_the_embedded_one() -> None:
    found = planned(present={"FLEET_NATS_URL"})
    assert names(found) == ALL - {"nats"}
    assert "FLEET_NATS_URL" not in found.environment


def test_production_names_everything_that_is_missing() -> None:
    with pytest.raises(Failure) as caught:
        planned(production=True, present={"FLEET_NATS_URL"})
    assert str(caught.value) == (
        "FLEET_PROFILE=production runs no embedded engine and no sandbox: set FLEET_REDIS_URL, "
        "LINEAR_API_KEY or LINEAR_OAUTH_TOKEN, ASANA_ACCESS_TOKEN"
    )


def test_production_runs_the_same_processes_without_stand_ins() -> None:
    found = planned(production=True, present=KEYS | ENGINES)
    assert names(found) == {"registry", "linear", "asana", "gateway"}
    assert all(each.talks_to in {None, "vendor"} for each in found.processes)


def test_ports_and_paths_are_filled_in_word_by_word() -> None:
    found = commands(planned())
    assert found["linear"] == ("PY", "-m", "services.linear", "--port", "9004")
    assert found["nats"][-2:] == ("--store_dir", "/state folder/nats")
    assert "grpc://127.0.0.1:9100" in found["gateway"]
    assert found["registry"][2:] == (
        *("registry", "--registry", "/registry.yaml"),
        *("--grpc-port", "9100", "--port", "9101"),
    )


def test_only_what_is_named_runs() -> None:
    found = planned(only={"nats", "redis"})
    assert names(found) == set(found.ports) == {"nats", "redis"}


def test_a_service_without_credential_needs_the_sandbox_beside_it() -> None:
    with pytest.raises(Usage, match="linear need the sandbox"):
        planned(only={"linear"})


def test_an_unknown_name_is_refused_with_those_there_are() -> None:
    with pytest.raises(Usage, match=r"'nobody'.*linear"):
        planned(only={"nobody"})


def test_only_programs_that_are_used_are_looked_for() -> None:
    assert needed_programs((), ()) == {"python", "nats-server", "redis-server"}
    assert needed_programs((), {"FLEET_NATS_URL"}) == {"python", "redis-server"}
    assert needed_programs({"nats"}, ()) == {"nats-server"}


def test_what_decides_is_known_by_name() -> None:
    assert set(environment_names()) == ENGINES | KEYS | {"LINEAR_OAUTH_TOKEN", "SANDBOX_LIMITS"}
