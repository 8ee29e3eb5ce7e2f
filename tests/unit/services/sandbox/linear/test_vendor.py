"""Linear's end of HTTP."""

import pytest

from services.sandbox.app import build
from services.sandbox.settings import SandboxSettings
from tests.support.clock import FakeClock
from tests.support.vendors import LINEAR_TOKEN, Caller

MINE = "{ viewer { email } }"


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        ("lin_api_sandbox-linear-token", 200),
        ("Bearer sandbox-linear-oauth-token", 200),
        ("Bearer lin_api_sandbox-linear-token", 401),  # an API key goes without Bearer
        ("sandbox-linear-oauth-token", 401),  # an OAuth token with it
        ("lin_api_wrong", 401),
        ("Bearer wrong", 401),
        ("", 401),
    ],
)
async def test_only_the_right_token_in_the_right_form_is_let_in(
    authorization: str, status: int, vendors: Caller
) -> None:
    answer = await vendors.linear(MINE, token=authorization)
    assert answer.status_code == status
    if status == 401:
        (error,) = answer.json()["errors"]
        assert error["message"] == "Authentication required, not authenticated"
        assert error["extensions"]["code"] == "AUTHENTICATION_ERROR"
        assert error["extensions"]["type"] == "authentication error"


async def test_requests_are_limited_by_the_hour_and_come_back(clock: FakeClock) -> None:
    vendors = Caller(build(SandboxSettings(linear_requests_per_hour=2), clock=clock))
    await vendors.data(MINE)
    await vendors.data(MINE)
    refused = await vendors.linear(MINE)
    assert refused.status_code == 400, "Linear does not use 429"
    (error,) = refused.json()["errors"]
    assert error["extensions"]["code"] == "RATELIMITED"
    assert error["extensions"]["type"] == "ratelimited"
    assert refused.headers["retry-after"] == "1800"
    assert refused.headers["x-ratelimit-requests-remaining"] == "0"
    reset = clock.utc().timestamp() * 1000 + 3_600_000
    assert int(refused.headers["x-ratelimit-requests-reset"]) == reset
    clock.advance(1800)
    await vendors.data(MINE)


async def test_points_are_limited_by_the_hour(clock: FakeClock) -> None:
    vendors = Caller(build(SandboxSettings(linear_points_per_hour=3), clock=clock))
    await vendors.data(MINE)
    refused = await vendors.linear(MINE)
    assert refused.json()["errors"][0]["extensions"]["code"] == "RATELIMITED"
    assert refused.headers["x-ratelimit-complexity-remaining"] == "1"


async def test_word_searches_have_a_limit_of_their_own(clock: FakeClock) -> None:
    vendors = Caller(build(SandboxSettings(linear_searches_per_minute=1), clock=clock))
    search = '{ searchIssues(term: "billing", first: 1) { totalCount } }'
    found = await vendors.linear(search)
    assert found.headers["x-ratelimit-endpoint-name"] == "searchIssues"
    assert found.headers["x-ratelimit-endpoint-requests-remaining"] == "0"
    refused = await vendors.linear(search)
    assert refused.status_code == 400
    (error,) = refused.json()["errors"]
    assert error["extensions"]["code"] == "RATELIMITED"
    assert error["message"].endswith("Only 1 searchIssues requests are allowed per 1 minute.")
    assert refused.headers["retry-after"] == "60"
    assert "x-ratelimit-endpoint-name" not in (await vendors.linear(MINE)).headers
    clock.advance(60)
    await vendors.data(search)


async def test_each_token_has_a_budget_of_its_own(clock: FakeClock) -> None:
    settings = SandboxSettings(linear_requests_per_hour=1, linear_oauth_points_per_hour=77)
    vendors = Caller(build(settings, clock=clock))
    await vendors.data(MINE)
    other = await vendors.linear(MINE, token="Bearer sandbox-linear-oauth-token")
    assert other.status_code == 200
    assert other.headers["x-ratelimit-complexity-limit"] == "77"


async def test_one_query_may_cost_as_much_as_is_set(clock: FakeClock) -> None:
    vendors = Caller(build(SandboxSettings(linear_points_per_query=1), clock=clock))
    refused = await vendors.linear(MINE)
    assert refused.json()["errors"][0]["message"] == "Query too complex"


async def test_the_budget_can_be_asked_for(vendors: Caller) -> None:
    found = await vendors.data(
        "{ rateLimitStatus { kind limits { type allowedAmount remainingAmount period } } }"
    )
    limits = {each["type"]: each for each in found["rateLimitStatus"]["limits"]}
    assert limits["requests"]["remainingAmount"] == 4999
    assert limits["complexity"]["allowedAmount"] == 3_000_000


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ viewer {", "GRAPHQL_PARSE_FAILED"),
        ("{ viewer { shoeSize } }", "GRAPHQL_VALIDATION_FAILED"),
        ("query($id: String!) { issue(id: $id) { id } }", "BAD_USER_INPUT"),
        ("query($n: Int) { issues(first: $n) { nodes { id } } }", "BAD_USER_INPUT"),
    ],
)
async def test_what_is_no_valid_query_is_refused_with_400(
    query: str, code: str, vendors: Caller
) -> None:
    answer = await vendors.linear(query, {"n": "many"})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["code"] == code


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'{"query": 7}', b'{"query": "{a}", "variables": []}',
     b'{"query": "{a}", "operationName": 1}'],
)  # fmt: skip
async def test_a_body_that_is_no_request_is_refused(body: bytes, vendors: Caller) -> None:
    answer = await vendors.raw("/linear/graphql", body, LINEAR_TOKEN)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


async def test_calls_and_answers_are_counted(vendors: Caller) -> None:
    await vendors.data("query Mine { viewer { id } organization { id } }")
    await vendors.linear("{ nonsense }")
    state = (await vendors.get("/_sandbox/state"))["vendors"]["linear"]
    assert state["calls"] == {"Mine": 1, "viewer": 1, "organization": 1}
    assert state["answers"] == {"200": 1, "400": 1}


async def test_whole_numbers_are_sent_as_javascript_would(vendors: Caller) -> None:
    answer = await vendors.linear('{ issue(id: "ENG-1") { number priority } }')
    assert '"number":1,' in answer.text


async def test_a_search_puts_titles_first_and_needs_every_word(vendors: Caller) -> None:
    search = """query($term: String!, $comments: Boolean, $team: String) {
      searchIssues(term: $term, includeComments: $comments, teamId: $team, first: 50) {
        totalCount nodes { title description team { id key } } } }"""
    found = (await vendors.data(search, term="Billing AUDIT"))["searchIssues"]
    assert found["totalCount"] == len(found["nodes"]) > 0
    for node in found["nodes"]:
        text = f"{node['title']} {node['description']}".lower()
        assert "billing" in text
        assert "audit" in text
    assert (await vendors.data(search, term="  "))["searchIssues"]["nodes"] == []
    alone = (await vendors.data(search, term="charged twice"))["searchIssues"]["totalCount"]
    with_comments = await vendors.data(search, term="charged twice", comments=True)
    assert with_comments["searchIssues"]["totalCount"] > alone


async def test_a_team_is_lifted_in_a_search_and_the_others_stay(vendors: Caller) -> None:
    search = """query($team: String) {
      searchIssues(term: "billing", teamId: $team, first: 50) {
        totalCount nodes { team { key } } } }"""
    design = (await vendors.data('{ team(id: "DES") { id } }'))["team"]["id"]
    lifted = (await vendors.data(search, team=design))["searchIssues"]
    assert lifted["nodes"][0]["team"] == {"key": "DES"}
    assert lifted["totalCount"] == (await vendors.data(search))["searchIssues"]["totalCount"]
