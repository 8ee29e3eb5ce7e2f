"""Failures cross a border and come out as they went in."""

from datetime import UTC, datetime
from typing import Any

import pytest
from grpc import StatusCode
from hypothesis import given
from hypothesis import strategies as st

from kit import errors
from kit.errors import (
    Conflict,
    FleetError,
    Internal,
    Invalid,
    Permission,
    QuotaExhausted,
    RateLimited,
    UnknownOutcome,
)
from kit.wire import from_wire, grpc_status, http_status, to_wire

KINDS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, FleetError) and kind is not FleetError
]
TEXT = st.text(max_size=50)
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "provider": st.none() | TEXT,
    "missing_scopes": st.lists(TEXT, max_size=3),
    "field": st.none() | TEXT,
    "existing_ref": st.none() | TEXT,
    "retry_after_seconds": st.none() | st.floats(0, 1e6),
    "scope": st.none() | TEXT,
    "reset_at": st.none() | st.datetimes(timezones=st.just(UTC)),
    "read_back_hint": st.none() | TEXT,
}


@st.composite
def failures(draw: st.DrawFn) -> FleetError:
    kind = draw(st.sampled_from(KINDS))
    given_fields = {name: draw(FIELDS[name]) for name in kind.fields}
    return kind(draw(TEXT), **given_fields)


def everything(error: FleetError) -> dict[str, Any]:
    return {"kind": type(error), "args": error.args, **vars(error)}


@given(failures())
def test_every_failure_comes_back_as_it_was(error: FleetError) -> None:
    assert everything(from_wire(to_wire(error))) == everything(error)


@given(failures())
def test_the_wire_form_is_plain_json_without_empty_fields(error: FleetError) -> None:
    wire = to_wire(error)
    assert {type(value) for value in wire.values()} <= {str, float, list}
    assert (wire["code"], wire["message"]) == (error.code, error.message)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_failure_has_a_status_of_its_own_in_http_and_grpc(kind: type[FleetError]) -> None:
    error = kind("m")
    is_internal = kind is Internal
    assert 400 <= http_status(error) < 600
    assert (http_status(error) == 500) is is_internal
    assert grpc_status(error) in StatusCode.__members__
    assert (grpc_status(error) == "INTERNAL") is is_internal


def test_codes_are_unique() -> None:
    assert len({kind.code for kind in KINDS}) == len(KINDS)


def test_a_failure_of_a_newer_version_stays_a_failure() -> None:
    error = from_wire({"code": "from_the_future", "message": "m", "provider": "linear", "x": 1})
    assert type(error) is Internal
    assert (error.message, error.provider) == ("m", "linear")


def test_a_failure_without_anything_stays_a_failure() -> None:
    error = from_wire({})
    assert type(error) is Internal
    assert error.message


@pytest.mark.parametrize(
    "wire",
    [
        {"code": "quota_exhausted", "reset_at": "soon"},
        {"code": "quota_exhausted", "reset_at": "2026-01-05T09:00:00"},
        {"code": "quota_exhausted", "reset_at": 7},
        {"code": "rate_limited", "retry_after_seconds": "soon"},
        {"code": "permission", "missing_scopes": "tasks:read"},
    ],
)
def test_a_field_that_is_not_what_it_should_be_is_left_out(wire: dict[str, Any]) -> None:
    assert to_wire(from_wire({"message": "m", **wire})) == {"message": "m", "code": wire["code"]}


@given(st.dictionaries(TEXT | st.sampled_from(["code", *FIELDS]), st.none() | TEXT | st.integers()))
def test_whatever_is_said_of_a_failure_it_stays_one(wire: dict[str, Any]) -> None:
    assert isinstance(from_wire(wire), FleetError)


@pytest.mark.parametrize(
    ("error", "wire"),
    [
        (
            Permission("no", provider="asana", missing_scopes=["tasks:read"]),
            {"code": "permission", "provider": "asana", "missing_scopes": ["tasks:read"]},
        ),
        (Invalid("no", field="limit"), {"code": "invalid", "field": "limit"}),
        (
            Conflict("no", existing_ref="task:linear:ENG-1"),
            {"code": "conflict", "existing_ref": "task:linear:ENG-1"},
        ),
        (
            RateLimited("no", retry_after_seconds=1.5, scope="complexity"),
            {"code": "rate_limited", "retry_after_seconds": 1.5, "scope": "complexity"},
        ),
        (
            QuotaExhausted("no", reset_at=datetime(2026, 1, 5, 9, tzinfo=UTC)),
            {"code": "quota_exhausted", "reset_at": "2026-01-05T09:00:00+00:00"},
        ),
        (
            UnknownOutcome("no", read_back_hint="search for it"),
            {"code": "unknown_outcome", "read_back_hint": "search for it"},
        ),
    ],
)
def test_the_wire_form_is_stable(error: FleetError, wire: dict[str, Any]) -> None:
    assert to_wire(error) == {"message": "no", **wire}


def test_only_what_may_have_happened_is_uncertain() -> None:
    uncertain = {kind.code for kind in KINDS if not kind.certain}
    assert uncertain == {"timeout", "unknown_outcome", "internal"}


def test_only_what_may_succeed_unchanged_is_retryable() -> None:
    retryable = {kind.code for kind in KINDS if kind.retryable}
    assert retryable == {"rate_limited", "unavailable", "timeout"}
