"""Whose a URI is: every resource of every server is reachable under exactly one URI."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.routing.uris import Claim, Uris, qualified

SERVERS = ("crm", "docs", "wiki")


def uris(*claims: Claim) -> Uris:
    return Uris(claims, SERVERS)


def test_a_listed_uri_belongs_to_the_server_that_lists_it() -> None:
    found = uris(Claim("crm", ("x://one",)), Claim("docs", ("x://two",)))
    assert found.resolve("x://one") == ("crm", "x://one")
    assert found.resolve("x://two") == ("docs", "x://two")
    assert found.resolve("x://three") is None
    assert found.collisions == ()


def test_a_uri_that_two_list_stays_with_the_first_and_the_other_is_told_and_reachable() -> None:
    found = uris(Claim("crm", ("ui://page/1",)), Claim("docs", ("ui://page/1",)))
    assert found.resolve("ui://page/1") == ("crm", "ui://page/1")
    assert found.exposed("docs", "ui://page/1") == "ui://~docs~page/1"
    assert found.resolve("ui://~docs~page/1") == ("docs", "ui://page/1")
    told = "docs: resource 'ui://page/1' is crm's too; here it is 'ui://~docs~page/1'"
    assert found.collisions == (told,)


def test_what_a_template_is_filled_to_belongs_to_its_server() -> None:
    found = uris(Claim("crm", (), ("x://deal/{id}",)), Claim("docs", (), ("x://page/{id}",)))
    assert found.resolve("x://deal/7") == ("crm", "x://deal/7")
    assert found.resolve("x://page/7") == ("docs", "x://page/7")
    assert found.resolve_template("x://page/{id}") == ("docs", "x://page/{id}")
    assert found.exposed_template("docs", "x://page/{id}") == "x://page/{id}"


@pytest.mark.parametrize(
    ("claim", "why"),
    [
        (Claim("docs", (), ("x://{kind}/7",)), "may mean the same as crm's 'x://deal/{id}'"),
        (Claim("docs", (), ("x://deal/{id}",)), "may mean the same as crm's 'x://deal/{id}'"),
        (Claim("docs", (), ("y://{anything}",)), "takes in crm's 'y://listed'"),
        (Claim("docs", (), ("x://~wiki~{id}",)), "looks like another server's"),
    ],
)
def test_a_template_that_could_mean_anothers_resource_is_told_and_qualified(
    claim: Claim, why: str
) -> None:
    found = uris(Claim("crm", ("y://listed",), ("x://deal/{id}",)), claim)
    template = claim.templates[0]
    shown = found.exposed_template("docs", template)
    assert shown == qualified("docs", template)
    assert found.resolve_template(shown) == ("docs", template)
    assert found.collisions == (f"docs: template {template!r} {why}; here it is {shown!r}",)
    filled = re.sub(r"\{.*?\}", "7", shown)
    assert found.resolve(filled) == ("docs", re.sub(r"\{.*?\}", "7", template))


def test_a_servers_own_template_may_take_in_its_own_resources() -> None:
    found = uris(Claim("crm", ("x://deal/1",), ("x://deal/{id}", "x://{+path}")))
    assert found.collisions == ()
    assert found.resolve("x://anything/else") == ("crm", "x://anything/else")


def test_a_uri_that_looks_qualified_is_kept_apart() -> None:
    found = uris(Claim("crm", ("x://~docs~a",)), Claim("docs", ("x://a",)))
    assert found.resolve("x://~docs~a") == ("docs", "x://a")
    shown = found.exposed("crm", "x://~docs~a")
    assert shown == "x://~crm~~docs~a"
    assert found.resolve(shown) == ("crm", "x://~docs~a")


def test_a_uri_that_nobody_lists_is_reached_under_its_servers_name() -> None:
    found = uris(Claim("crm"), Claim("docs"))
    assert found.exposed("docs", "file:///a") == "file://~docs~/a"
    assert found.resolve("file://~docs~/a") == ("docs", "file:///a")
    assert found.resolve("file://~unknown~/a") is None


some_uris = st.one_of(
    st.builds(
        "{}{}{}".format,
        st.sampled_from(["x:", "x://", "ui://", "urn:", "", "file:///"]),
        st.sampled_from(["", "~", "~crm~", "~docs~", "~wiki~", "~~"]),
        st.text(alphabet="ab/~:{}\n", max_size=4),
    ),
    st.text(max_size=6),
)
some_claims = st.tuples(
    *(
        st.builds(Claim, st.just(name), st.lists(some_uris, max_size=5).map(tuple))
        for name in SERVERS
    )
)


@given(some_claims)
def test_every_listed_resource_is_reached_by_exactly_one_uri(claims: tuple[Claim, ...]) -> None:
    found = uris(*claims)
    pairs = {(claim.server, uri) for claim in claims for uri in claim.uris}
    shown = {pair: found.exposed(*pair) for pair in pairs}
    assert len(set(shown.values())) == len(pairs)
    for pair, uri in shown.items():
        assert found.resolve(uri) == pair


@given(st.sampled_from(SERVERS), some_uris)
def test_a_qualified_form_leads_back_and_keeps_the_scheme(server: str, uri: str) -> None:
    form = qualified(server, uri)
    assert uris().resolve(form) == (server, uri)
    scheme = re.match(r"[a-z]+:", uri)
    assert scheme is None or form.startswith(scheme[0])


templates = st.builds(
    "".join,
    st.lists(st.sampled_from(["x://", "a", "b", "/", "{v}", "{+v}", "{/v}", "{?v}"]), max_size=5),
)
template_claims = st.tuples(
    *(
        st.builds(
            Claim,
            st.just(name),
            st.lists(st.sampled_from(["x://a", "x://a/b", "b", "x://b?a"]), max_size=2).map(tuple),
            st.lists(templates, max_size=3).map(tuple),
        )
        for name in SERVERS
    )
)


@given(template_claims, st.lists(st.sampled_from(["a", "b", "", "ab"]), min_size=5, max_size=5))
def test_a_filled_template_reaches_its_server_whatever_others_claim(
    claims: tuple[Claim, ...], values: list[str]
) -> None:
    found = uris(*claims)
    for claim in claims:
        for template in claim.templates:
            shown = found.exposed_template(claim.server, template)
            assert found.resolve_template(shown) == (claim.server, template)
            assert found.resolve(_filled(shown, values)) == (
                claim.server,
                _filled(template, values),
            )


def _filled(template: str, values: list[str]) -> str:
    given_values = iter(values)
    leads = {"/": "/", "?": "?v="}

    def value(expression: re.Match[str]) -> str:
        return leads.get(expression[1], "") + next(given_values)

    return re.sub(r"\{([+/?]?)v\}", value, template)
