import pytest
from pydantic import ValidationError

from services.asana.settings import AsanaSettings


def test_every_setting_has_a_default_that_talks_to_asana() -> None:
    settings = AsanaSettings()
    assert str(settings.base_url) == "https://app.asana.com/api/1.0"
    assert (settings.port, settings.access_token, settings.app) == (3006, None, "personal")


def test_settings_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        "HOST": "0.0.0.0",  # noqa: S104 -- an example of what a container sets
        "PORT": "4006",
        "DRAIN_SECONDS": "2",
        "BASE_URL": "http://127.0.0.1:9200/asana/api/1.0",
        "ACCESS_TOKEN": "sandbox-asana-token",
        "APP": "oauth",
        "WORKSPACE": "Brightwater Freight",
        "DEFAULT_PROJECT": "Billing Migration",
        "TIMEOUT_SECONDS": "3",
        "NAMES_TTL_SECONDS": "5",
        "SEARCH_REQUESTS": "7",
        "REMEMBERED_HOURS": "1.5",
        "HOSTS": "asana,asana.example",
    }
    assert {name.lower() for name in given} == AsanaSettings.model_fields.keys()
    for name, value in given.items():
        monkeypatch.setenv(f"ASANA_{name}", value)
    settings = AsanaSettings()
    assert settings.access_token is not None
    assert settings.access_token.get_secret_value() == "sandbox-asana-token"
    assert "sandbox-asana-token" not in repr(settings)
    assert (settings.port, settings.app, settings.hosts) == (
        4006,
        "oauth",
        ("asana", "asana.example"),
    )
    assert (settings.search_requests, settings.remembered_hours) == (7, 1.5)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("base_url", "asana"),
        ("app", "robot"),
        ("timeout_seconds", 0),
        ("search_requests", 0),
        ("remembered_hours", -1),
        ("port", 70_000),
    ],
)
def test_a_setting_out_of_bounds_is_refused(name: str, value: object) -> None:
    with pytest.raises(ValidationError, match=name):
        AsanaSettings.model_validate({name: value})
