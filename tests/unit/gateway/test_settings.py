"""The gateway's settings: bounds, and what they refuse."""

import hashlib

import pytest
from pydantic import ValidationError

from gateway.settings import GatewaySettings

KEY = "ann:" + hashlib.sha256(b"x").hexdigest()


def test_lists_are_read_from_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_HOSTS", "a.example, b.example")
    monkeypatch.setenv("GATEWAY_ORIGINS", "https://a.example")
    monkeypatch.setenv("GATEWAY_KEYS", KEY)
    settings = GatewaySettings()
    assert settings.hosts == ("a.example", "b.example")
    assert settings.origins == ("https://a.example",)
    assert settings.keys == (KEY,)


@pytest.mark.parametrize("host", ["::", "10.1.2.3", "gateway.internal"])
def test_it_refuses_to_be_open_to_other_machines(host: str) -> None:
    with pytest.raises(ValidationError, match="refusing to listen"):
        GatewaySettings(host=host)
    assert GatewaySettings(host=host, keys=(KEY,)).host == host


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_loopback_needs_no_keys(host: str) -> None:
    assert GatewaySettings(host=host).keys == ()


@pytest.mark.parametrize("entry", ["ann", "ann:secret", f":{KEY[4:]}", "ann:" + "X" * 64])
def test_a_key_in_the_clear_is_refused(entry: str) -> None:
    with pytest.raises(ValidationError, match="never the key itself"):
        GatewaySettings(keys=(entry,))
