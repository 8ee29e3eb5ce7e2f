from pathlib import Path

import pytest
from pydantic import ValidationError
from pydantic_settings import SettingsConfigDict

from kit.settings import FleetSettings, Seconds, ServerSettings, Settings


class ExampleSettings(ServerSettings):
    model_config = SettingsConfigDict(env_prefix="EXAMPLE_")

    port: int = 1234
    timeout_seconds: Seconds = 5.0


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*FleetSettings.model_fields, *ExampleSettings.model_fields]:
        monkeypatch.delenv(f"FLEET_{name}".upper(), raising=False)
        monkeypatch.delenv(f"EXAMPLE_{name}".upper(), raising=False)


def test_a_laptop_needs_no_setting() -> None:
    settings = FleetSettings()
    assert settings.profile == "embedded"
    assert settings.state == Path(".state")
    assert (settings.nats_url, settings.redis_url, settings.otlp_endpoint) == (None, None, None)


def test_every_name_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        "FLEET_PROFILE": "production",
        "FLEET_STATE": "/var/lib/fleet",
        "FLEET_NATS_URL": "nats://nats:4222",
        "FLEET_REDIS_URL": "redis://redis:6379/0",
        "FLEET_OTLP_ENDPOINT": "http://collector:4318",
        "FLEET_LOG_LEVEL": "debug",
        "FLEET_LOG_FORMAT": "json",
    }
    assert {f"FLEET_{name}".upper() for name in FleetSettings.model_fields} == set(given)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    settings = FleetSettings()
    assert settings.redis_url is not None
    assert settings.redis_url.get_secret_value() == "redis://redis:6379/0"
    assert settings.model_dump(exclude={"redis_url"}) == {
        "profile": "production",
        "state": Path("/var/lib/fleet"),
        "nats_url": "nats://nats:4222",
        "otlp_endpoint": "http://collector:4318",
        "log_level": "debug",
        "log_format": "json",
    }


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLEET_NATS_URL", "")
    monkeypatch.setenv("FLEET_LOG_LEVEL", "")
    assert FleetSettings().nats_url is None
    assert FleetSettings().log_level == "info"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FLEET_PROFILE", "staging"),
        ("FLEET_LOG_LEVEL", "loud"),
        ("FLEET_LOG_FORMAT", "xml"),
    ],
)
def test_a_value_out_of_its_list_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError):
        FleetSettings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("EXAMPLE_DRAIN_SECONDS", "0"),
        ("EXAMPLE_DRAIN_SECONDS", "3601"),
        ("EXAMPLE_TIMEOUT_SECONDS", "-1"),
        ("EXAMPLE_TIMEOUT_SECONDS", "soon"),
        ("EXAMPLE_PORT", "x"),
    ],
)
def test_a_number_out_of_its_bounds_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError) as refused:
        ExampleSettings()
    (mistake,) = refused.value.errors()
    assert f"EXAMPLE_{mistake['loc'][0]}".upper() == name


@pytest.mark.parametrize("port", [-1, 65_536])
def test_a_port_is_a_port(port: int) -> None:
    with pytest.raises(ValidationError):
        ServerSettings(port=port)


def test_what_is_given_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXAMPLE_PORT", "1")
    assert ExampleSettings().port == 1
    assert ExampleSettings(port=0).port == 0


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        ExampleSettings().port = 1  # type: ignore[misc]  # that is the point


def test_a_secret_is_masked_wherever_settings_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLEET_REDIS_URL", "redis://:sentinel-secret@redis:6379/0")
    settings = FleetSettings()
    for shown in (repr(settings), str(settings), settings.model_dump_json()):
        assert "sentinel-secret" not in shown
        assert "**********" in shown


@pytest.mark.parametrize("kind", [FleetSettings, ServerSettings])
def test_every_setting_tells_what_it_is(kind: type[Settings]) -> None:
    assert [name for name, field in kind.model_fields.items() if not field.description] == []
