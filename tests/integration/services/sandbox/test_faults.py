"""Faults over real sockets: what the client sees, and what was done."""

from typing import Any

import httpx2
import pytest

from tests.support.sandbox import RunningSandbox

MINE = "{ viewer { id } }"


def linear(vendors: RunningSandbox, query: str, **variables: Any) -> httpx2.Response:
    headers = {"Authorization": vendors.linear_token}
    sent = {"query": query, "variables": variables}
    return httpx2.post(vendors.linear_url, json=sent, headers=headers, timeout=5)


def asana(vendors: RunningSandbox, method: str, path: str, **more: Any) -> httpx2.Response:
    headers = {"Authorization": f"Bearer {vendors.asana_token}"}
    return httpx2.request(
        method,
        f"{vendors.asana_url}{path}",
        headers=headers,
        timeout=more.pop("timeout", 5),
        **more,
    )


@pytest.mark.parametrize(
    ("kind", "status"),
    [("rate_limited", 400), ("error_500", 500), ("error_503", 503), ("unauthorized", 401)],
)
def test_linear_fails_as_linear_does(vendors: RunningSandbox, kind: str, status: int) -> None:
    vendors.fault("linear", kind, seconds=7)
    failed = linear(vendors, MINE)
    assert failed.status_code == status
    assert linear(vendors, MINE).status_code == 200, "a fault asked for once happens once"
    if kind == "rate_limited":
        assert failed.json()["errors"][0]["extensions"]["code"] == "RATELIMITED"
        assert failed.headers["retry-after"] == "7"


@pytest.mark.parametrize(
    ("kind", "status"),
    [("rate_limited", 429), ("error_500", 500), ("error_503", 503), ("unauthorized", 401)],
)
def test_asana_fails_as_asana_does(vendors: RunningSandbox, kind: str, status: int) -> None:
    vendors.fault("asana", kind, seconds=7)
    failed = asana(vendors, "GET", "/users/me")
    assert failed.status_code == status
    assert failed.json()["errors"][0]["message"]
    assert failed.headers.get("retry-after") == ("7" if status == 429 else None)
    assert asana(vendors, "GET", "/users/me").status_code == 200


def test_a_reset_connection_is_reset_and_nothing_was_done(vendors: RunningSandbox) -> None:
    vendors.fault("asana", "reset", method="POST", path="/tasks")
    with pytest.raises(httpx2.ReadError, match="reset by peer"):
        asana(vendors, "POST", "/tasks", json={"data": {"name": "Lost"}})
    assert vendors.state("asana")["writes"] == {}


def test_a_reset_after_the_commit_leaves_the_write(vendors: RunningSandbox) -> None:
    vendors.fault("linear", "reset_after_commit", operation="issueCreate")
    create = (
        'mutation { issueCreate(input: {teamId: "ENG", title: "Kept"}) { success issue { id } } }'
    )
    with pytest.raises(httpx2.ReadError, match="reset by peer"):
        linear(vendors, create)
    assert vendors.writes("linear", "issueCreate") == 1
    found = linear(vendors, '{ searchIssues(term: "Kept") { nodes { title } } }').json()
    assert found["data"]["searchIssues"]["nodes"] == [{"title": "Kept"}]


def test_half_an_answer_is_no_json(vendors: RunningSandbox) -> None:
    vendors.fault("asana", "malformed", path="/users/*")
    broken = asana(vendors, "GET", "/users/me")
    assert broken.status_code == 200
    with pytest.raises(ValueError, match="Unterminated"):
        broken.json()


def test_what_hangs_answers_nobody_until_the_fault_is_cleared(vendors: RunningSandbox) -> None:
    vendors.fault("linear", "hang", times=None)
    headers = {"Authorization": vendors.linear_token}
    with pytest.raises(httpx2.ReadTimeout):
        httpx2.post(vendors.linear_url, json={"query": MINE}, headers=headers, timeout=0.2)
    assert vendors.faults()[0]["hits"] == 1
    vendors.clear_faults()
    assert linear(vendors, MINE).status_code == 200


def test_only_matching_requests_meet_a_fault(vendors: RunningSandbox) -> None:
    vendors.fault("linear", "error_500", operation="Mine", times=None)
    vendors.fault("asana", "error_500", method="DELETE", path="/tasks/*", times=None)
    assert linear(vendors, MINE).status_code == 200
    assert linear(vendors, "query Mine { viewer { id } }").status_code == 500
    assert asana(vendors, "GET", "/tasks/1").status_code == 404
    assert asana(vendors, "DELETE", "/tasks/1").status_code == 500


@pytest.mark.parametrize(
    ("asked", "place"),
    [
        ({"vendor": "gong", "kind": "reset"}, "vendor: 'gong'"),
        ({"vendor": "asana", "kind": "gremlins"}, "kind: "),
        ({"vendor": "asana", "kind": "reset", "when": "now"}, "when: "),
        ({"vendor": "asana", "kind": "reset", "match": {"verb": "GET"}}, "match.verb: "),
    ],
)
def test_a_fault_that_means_nothing_is_refused(
    vendors: RunningSandbox, asked: dict[str, Any], place: str
) -> None:
    answer = httpx2.post(f"{vendors.url}/_sandbox/faults", json=asked, timeout=5)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(place)
