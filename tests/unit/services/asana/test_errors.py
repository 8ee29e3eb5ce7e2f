from typing import Any

import pytest

from kit.errors import FleetError, Invalid, NotFound, RateLimited
from services.asana.errors import Quota, classify
from tests.support.clock import FakeClock


def answer(status: int, message: str = "No", retry_after: float | None = None) -> FleetError:
    failure = classify(status, {"errors": [{"message": message, "help": "..."}]}, retry_after)
    assert failure is not None
    return failure


@pytest.mark.parametrize(
    ("status", "code", "certain"),
    [
        (302, "unavailable", True),
        (400, "invalid", True),
        (401, "unauthenticated", True),
        (402, "plan_required", True),
        (403, "permission", True),
        (404, "not_found", True),
        (413, "invalid", True),
        (429, "rate_limited", True),
        (451, "permission", True),
    ],
)
def test_each_failure_of_asana_has_a_neutral_code(status: int, code: str, *, certain: bool) -> None:
    failure = answer(status)
    assert (failure.code, failure.certain, failure.provider) == (code, certain, "asana")


@pytest.mark.parametrize("status", [200, 201, 500, 503])
def test_successes_and_server_errors_are_left_to_the_http_client(status: int) -> None:
    assert classify(status, {"errors": [{"message": "No"}]}, None) is None


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ("projects: Not a recognized ID: 99", "projects"),
        ("due_on.before: Invalid date", "due_on.before"),
        ("data.name: Missing input", "name"),
        ("You should specify one of workspace, parent, projects", None),
    ],
)
def test_a_refused_argument_is_named(message: str, field: str | None) -> None:
    failure = answer(400, message)
    assert isinstance(failure, Invalid)
    assert (failure.field, failure.message) == (field, message)


@pytest.mark.parametrize("body", [None, "<html>", [], {}, {"errors": "no"}, {"errors": [1]}])
def test_a_body_of_another_form_still_tells_the_status(body: Any) -> None:
    failure = classify(404, body, None)
    assert isinstance(failure, NotFound)
    assert failure.message == "Asana answered 404"


def test_a_limit_is_remembered_until_it_is_over() -> None:
    clock = FakeClock()
    quota = Quota(clock)
    assert quota.state() == "no limit was hit since the start"
    quota.note(answer(404))
    quota.note(None)
    assert quota.state() == "no limit was hit since the start"
    quota.note(answer(429, retry_after=30))
    clock.advance(10)
    with pytest.raises(RateLimited, match="for another 20 s") as caught:
        quota.state()
    assert caught.value.retry_after_seconds == 20
    clock.advance(25)
    assert quota.state() == "a limit was hit 35 s ago"
