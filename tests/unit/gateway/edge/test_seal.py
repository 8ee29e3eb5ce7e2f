"""Sealed states: whose, of what, until when, once."""

from typing import Any

import pytest

from gateway.edge.jsonrpc import INVALID_PARAMS, Refused
from gateway.edge.seal import Seal
from tests.support.clock import FakeClock

ASKED: dict[str, Any] = {"name": "tool", "arguments": {"a": 1}}
PATH = "/mcp/servers/x"
REQUIRED = {"resultType": "input_required", "inputRequests": {}, "requestState": "inner"}


def sealed(seal: Seal) -> str:
    state: str = seal.wrap(REQUIRED, "ann", PATH, "tools/call", ASKED)["requestState"]
    return state


def opened(seal: Seal, state: str, **other: Any) -> Any:
    given = {"principal": "ann", "path": PATH, "method": "tools/call", "asked": ASKED, **other}
    params = {**given["asked"], "requestState": state, "inputResponses": {"k": {}}}
    return seal.unwrap(given["principal"], given["path"], given["method"], params)


def test_the_server_gets_its_own_state_back() -> None:
    seal = Seal(60, FakeClock())
    state = sealed(seal)
    assert state != "inner"
    assert opened(seal, state) == {**ASKED, "requestState": "inner", "inputResponses": {"k": {}}}


def test_a_result_without_state_and_a_request_without_one_stay_as_they_are() -> None:
    seal = Seal(60, FakeClock())
    result = {"resultType": "input_required", "inputRequests": {}}
    assert seal.wrap(result, "ann", PATH, "tools/call", ASKED) == result
    assert seal.unwrap("ann", PATH, "tools/call", ASKED) == ASKED


@pytest.mark.parametrize(
    "other",
    [
        {"principal": "bob"},
        {"path": "/mcp/servers/y"},
        {"method": "prompts/get"},
        {"asked": {"name": "other", "arguments": {"a": 1}}},
        {"asked": {"name": "tool", "arguments": {"a": 2}}},
    ],
)
def test_a_state_of_somebody_else_or_of_another_request_is_refused(other: dict[str, Any]) -> None:
    seal = Seal(60, FakeClock())
    with pytest.raises(Refused) as refused:
        opened(seal, sealed(seal), **other)
    assert refused.value.code == INVALID_PARAMS


def test_any_changed_character_is_refused() -> None:
    seal = Seal(60, FakeClock())
    state = sealed(seal)
    changes = [
        state[:at] + ("A" if state[at] != "A" else "B") + state[at + 1 :]
        for at in range(0, len(state), 7)
    ]
    for changed in [*changes, state + "x", state + "=", state + " ", "\n" + state, state[:-1]]:
        with pytest.raises(Refused):
            opened(seal, changed)


@pytest.mark.parametrize("state", ["", "x", "inner", 7, "AAAA" * 20, "🦊"])
def test_what_was_never_sealed_is_refused(state: Any) -> None:
    with pytest.raises(Refused):
        opened(Seal(60, FakeClock()), state)


def test_another_gateways_key_does_not_open_it() -> None:
    with pytest.raises(Refused):
        opened(Seal(60, FakeClock()), sealed(Seal(60, FakeClock())))
    key = b"k" * 32
    assert opened(Seal(60, FakeClock(), key), sealed(Seal(60, FakeClock(), key)))


def test_an_old_state_has_expired_and_a_used_one_is_used() -> None:
    clock = FakeClock()
    seal = Seal(60, clock)
    state = sealed(seal)
    clock.advance(59)
    assert opened(seal, state)
    with pytest.raises(Refused, match="used already"):
        opened(seal, state)
    late = sealed(seal)
    clock.advance(61)
    with pytest.raises(Refused, match="expired"):
        opened(seal, late)
