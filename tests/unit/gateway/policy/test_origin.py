"""Host and Origin: the matrix of trust.md's DNS rebinding class."""

import pytest

from gateway.policy.origin import OriginPolicy

POLICY = OriginPolicy(hosts=["mcp.example.com"], origins=["https://app.example.com"])


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.0.0.1:8000",
        "localhost:1",
        "LOCALHOST",
        "[::1]:8000",
        "mcp.example.com:443",
    ],
)
@pytest.mark.parametrize(
    "origin",
    [None, "http://localhost:5173", "https://127.0.0.1", "https://app.example.com", "http://[::1]"],
)
def test_those_that_may_call_pass(host: str, origin: str | None) -> None:
    assert POLICY.refusal(host, origin) == ""


@pytest.mark.parametrize(
    "host",
    [
        None,
        "",
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "evil.example/127.0.0.1",
        "127.0.0.1@evil.example",
        "evil.example?127.0.0.1",
        "evil.example#localhost",
        "[::1",
        "localhost:8000:9",
    ],
)
def test_a_host_that_is_not_ours_is_refused(host: str | None) -> None:
    assert POLICY.refusal(host, None)


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "https://app.example.com.evil.example",
        "null",
        "file://",
        "http://127.0.0.1@evil.example",
        "https://localhost.evil.example",
    ],
)
def test_a_page_from_elsewhere_is_refused(origin: str) -> None:
    assert POLICY.refusal("127.0.0.1:8000", origin)
