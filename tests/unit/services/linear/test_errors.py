from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kit.errors import (
    Conflict,
    FleetError,
    Internal,
    Invalid,
    NotFound,
    Permission,
    PlanRequired,
    RateLimited,
    Unauthenticated,
    Unavailable,
)
from kit.http import HttpAnswer
from services.linear.errors import EndpointLimited, Interrupted, failure, windows

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def answer(
    message: str = "told", status: int = 400, headers: dict[str, str] | None = None, **told: Any
) -> HttpAnswer:
    body = {"errors": [{"message": message, "extensions": told}], "data": None}
    return HttpAnswer(status, headers or {}, body)


def window(name: str, remaining: int, resets_in: float) -> dict[str, str]:
    reset = int((NOW + timedelta(seconds=resets_in)).timestamp() * 1000)
    prefix = f"x-ratelimit-{name}-"
    return {
        f"{prefix}limit": "5000",
        f"{prefix}remaining": str(remaining),
        f"{prefix}reset": str(reset),
    }


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (answer(type="authentication error", code="AUTHENTICATION_ERROR"), Unauthenticated),
        (answer(type="forbidden", code="FORBIDDEN"), Permission),
        (answer(type="feature not accessible"), PlanRequired),
        (answer(type="usage limit exceeded"), PlanRequired),
        (answer("issue limit exceeded", type="invalid input", code="INPUT_ERROR"), PlanRequired),
        (answer(type="ratelimited", code="RATELIMITED"), RateLimited),
        (answer("Entity not found: Issue", code="INPUT_ERROR"), NotFound),
        (answer("conflict on insert of Issue", code="INPUT_ERROR"), Conflict),
        (answer("Argument Validation Error", code="INVALID_INPUT"), Invalid),
        (answer(type="user error"), Invalid),
        (answer(type="lock timeout"), Unavailable),
        (answer(type="graphql error", code="GRAPHQL_VALIDATION_FAILED"), Internal),
        (answer(type="internal error", code="INTERNAL_SERVER_ERROR", status=200), Interrupted),
        (answer(type="something new", status=200), Interrupted),
        (answer(type="something new", status=403), Permission),
        (HttpAnswer(401, {}, "no"), Unauthenticated),
        (HttpAnswer(403, {}, None), Permission),
        (HttpAnswer(429, {"retry-after": "7"}, None), RateLimited),
        (HttpAnswer(404, {}, "<html>"), Interrupted),
        (HttpAnswer(200, {}, '{"data": {"no'), Interrupted),
        (HttpAnswer(302, {}, None), Interrupted),
    ],
)
def test_each_failure_of_linears_becomes_one_of_ours(
    given: HttpAnswer, kind: type[FleetError]
) -> None:
    error = failure(given, NOW)

    assert type(error) is kind
    assert error.provider == "linear"


def test_an_answer_with_data_and_no_errors_is_no_failure() -> None:
    assert failure(HttpAnswer(200, {}, {"data": {"viewer": {}}}), NOW) is None


def test_a_server_error_is_left_to_the_http_client() -> None:
    assert failure(answer(status=500, code="INTERNAL_SERVER_ERROR"), NOW) is None


def test_a_failure_while_linear_worked_is_not_certain() -> None:
    error = failure(answer(type="internal error", status=200), NOW)

    assert error is not None
    assert not error.certain
    assert error.retryable


def test_the_sentence_for_people_goes_before_the_technical_one() -> None:
    error = failure(
        answer("Entity not found: Issue", code="INPUT_ERROR", userPresentableMessage="No such."),
        NOW,
    )

    assert error is not None
    assert error.message == "Linear: No such."


def test_a_refused_field_is_named_as_we_name_fields() -> None:
    error = failure(
        answer(code="INVALID_INPUT", validationErrors=[{"property": "dueDate"}]),
        NOW,
    )

    assert isinstance(error, Invalid)
    assert error.field == "due_date"


def test_a_missing_scope_is_named() -> None:
    error = failure(answer("Invalid scope: `write` required", type="forbidden"), NOW)

    assert isinstance(error, Permission)
    assert error.missing_scopes == ("write",)


def test_a_rate_limit_says_which_limit_and_when_it_resets() -> None:
    headers = window("requests", 10, 3000) | window("complexity", 0, 90)

    error = failure(answer(code="RATELIMITED", headers=headers), NOW)

    assert isinstance(error, RateLimited)
    assert error.scope == "complexity"
    assert error.retry_after_seconds == 90


def test_the_longest_of_several_used_up_limits_counts() -> None:
    named = {"x-ratelimit-endpoint-name": "searchIssues"}
    headers = window("endpoint-requests", 0, 40) | window("complexity", 0, 9) | named

    error = failure(answer(code="RATELIMITED", headers=headers), NOW)

    assert isinstance(error, EndpointLimited)
    assert not error.retryable
    assert error.scope == "searchIssues"
    assert error.retry_after_seconds == 40


def test_a_told_wait_goes_before_the_time_when_all_is_back() -> None:
    headers = window("requests", 0, 3600) | {"retry-after": "12"}

    error = failure(answer(code="RATELIMITED", headers=headers), NOW)

    assert isinstance(error, RateLimited)
    assert error.retry_after_seconds == 12


@pytest.mark.parametrize(("resets_in", "wait"), [(-60.0, 1.0), (90_000.0, 3600.0)])
def test_a_reset_that_cannot_be_true_is_bounded(resets_in: float, wait: float) -> None:
    error = failure(answer(code="RATELIMITED", headers=window("requests", 0, resets_in)), NOW)

    assert isinstance(error, RateLimited)
    assert error.retry_after_seconds == wait


def test_headers_that_are_no_numbers_tell_of_no_limit() -> None:
    headers = window("requests", 1, 60) | {"x-ratelimit-requests-remaining": "many"}

    assert windows(headers) == ()
