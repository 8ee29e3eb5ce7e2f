from pathlib import Path
from textwrap import dedent

import pytest

from kit.contract.operation import Capability
from registry.load import declared, load, loads
from registry.mistakes import RegistryInvalid
from registry.model import Document, Server, Tier

GOOD = """\
version: 2
servers:
  - name: linear
    tier: PRIMARY
    capabilities: [TASKS, PEOPLE]
    transport: {kind: http, url: "http://127.0.0.1:9004/mcp"}
"""


def mistakes(text: str, environment: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(RegistryInvalid) as caught:
        loads(dedent(text), "registry.yaml", environment or {})
    return list(caught.value.lines)


def server(more: str) -> str:
    """Return the good file with *more* lines in its server."""
    return GOOD + "".join(f"    {line}\n" for line in dedent(more).strip().splitlines())


def test_a_good_file_is_read_whole() -> None:
    document = loads(GOOD, "registry.yaml", {})
    (linear,) = document.resolved()
    assert (linear.name, linear.tier) == ("linear", Tier.PRIMARY)
    assert linear.capabilities == (Capability.TASKS, Capability.PEOPLE)
    assert linear.transport.url == "http://127.0.0.1:9004/mcp"


def test_the_shipped_file_is_good() -> None:
    assert [each.name for each in load(Path("deploy/registry.yaml"), {}).servers] == [
        "linear",
        "asana",
    ]


def test_a_wrong_word_is_named_with_file_line_and_key() -> None:
    assert mistakes(GOOD.replace("PRIMARY", "FIRST")) == [
        "registry.yaml:4: servers.linear.tier: must be PRIMARY, SECONDARY or TERTIARY, not 'FIRST'"
    ]


def test_every_mistake_is_reported_in_the_order_of_the_file() -> None:
    text = """\
    version: 3
    defaults: {health: {fal: 3, rise: 0}}
    server: []
    servers:
      - name: Linear
        teir: PRIMARY
        transport: {kind: http, url: ftp://x}
      - tier: PRIMARY
        transport: []
    """
    assert mistakes(text) == [
        "registry.yaml:1: version: must be 2, not 3",
        "registry.yaml:2: defaults.health.rise: should be greater than or equal to 1",
        "registry.yaml:2: defaults.health.fal: is not a key here; did you mean fall?",
        "registry.yaml:3: server: is not a key here; did you mean servers?",
        (
            "registry.yaml:5: servers.Linear.name: must be lower-case letters, digits and hyphens, "
            "beginning with a letter ('_' divides server from tool in tool names), not 'Linear'"
        ),
        "registry.yaml:5: servers.Linear.tier: is missing",
        "registry.yaml:6: servers.Linear.teir: is not a key here; did you mean tier?",
        (
            "registry.yaml:7: servers.Linear.transport.url: "
            "must be an http:// or https:// URL with a host"
        ),
        "registry.yaml:8: servers.1.name: is missing",
        "registry.yaml:9: servers.1.transport: must be a mapping of keys to values",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "registry.yaml:1: the file is empty"),
        ("~", "registry.yaml:1: the file is empty"),
        ("[]", "registry.yaml:1: must be a mapping of keys to values"),
        ("version: 2", "registry.yaml:1: servers: is missing"),
        ("version: 2\nservers: {}", "registry.yaml:2: servers: must be a list"),
        (
            "version: 2\nservers: [ }",
            "registry.yaml:2: is not YAML: did not find expected node content",
        ),
        ("version: 2\nversion: 2\nservers: []", "2: version: is given twice, first on line 1"),
        ("a: &a [*a]", "registry.yaml:1: is not YAML: is nested too deep"),
    ],
)
def test_a_text_that_is_no_registry_is_refused_in_one_line(text: str, told: str) -> None:
    (line,) = [each for each in mistakes(text) if each.endswith(told)]
    assert line.startswith("registry.yaml:")


def test_an_alias_bomb_is_refused() -> None:
    levels = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9))
    assert "has too many values" in mistakes(f"a0: &a0 x\n{levels}\n")[0]


def test_two_servers_of_one_name_are_refused() -> None:
    text = GOOD + GOOD.split("servers:\n")[1]
    assert mistakes(text) == [
        "registry.yaml:7: servers.linear.name: is taken by the server on line 3"
    ]


def test_stdio_is_said_to_be_unsupported_and_not_ignored() -> None:
    text = GOOD.replace('kind: http, url: "http://127.0.0.1:9004/mcp"', "kind: stdio, command: [x]")
    assert mistakes(text) == [
        (
            "registry.yaml:6: servers.linear.transport: "
            "kind: stdio is not supported yet; use kind: http"
        )
    ]


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://", "must be an http:// or https:// URL with a host"),
        ("127.0.0.1:9004", "must be an http:// or https:// URL with a host"),
        ("http://x:99999/", "must be an http:// or https:// URL with a host"),
        ("http://x y/", "must be an http:// or https:// URL with a host"),
        ("http://me:secret@x/mcp", "must not hold a credential; name it in `secret`"),
        ("http://x/mcp#a", "must not have a #fragment"),
    ],
)
def test_a_url_that_cannot_be_called_is_refused(url: str, told: str) -> None:
    (line,) = mistakes(GOOD.replace("http://127.0.0.1:9004/mcp", url))
    assert line == f"registry.yaml:6: servers.linear.transport.url: {told}"


URL = GOOD.replace("http://127.0.0.1:9004/mcp", "${LINEAR_URL:-http://127.0.0.1:9004/mcp}")


@pytest.mark.parametrize(
    ("environment", "url"),
    [
        ({}, "http://127.0.0.1:9004/mcp"),
        ({"LINEAR_URL": ""}, "http://127.0.0.1:9004/mcp"),
        ({"LINEAR_URL": "http://linear/mcp"}, "http://linear/mcp"),
    ],
)
def test_the_environment_goes_before_the_default(environment: dict[str, str], url: str) -> None:
    assert loads(URL, "registry.yaml", environment).servers[0].transport.url == url


def test_a_variable_may_be_part_of_a_text_and_stand_for_a_number() -> None:
    text = server("limits: {max_concurrency: '${CALLS:-7}'}\ndescription: 'of ${TEAM}, ${TEAM}'")
    (linear,) = loads(text, "registry.yaml", {"TEAM": "us"}).servers
    assert (linear.limits.max_concurrency, linear.description) == (7, "of us, us")


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("${NOPE}", "${NOPE} is not set in the environment; set it or write ${NOPE:-default}"),
        ("${NOPE", "`${` must be ${NAME} or ${NAME:-default}"),
        ("${1}", "`${` must be ${NAME} or ${NAME:-default}"),
    ],
)
def test_a_variable_without_value_is_one_mistake_with_its_place(value: str, told: str) -> None:
    (line,) = mistakes(GOOD.replace("http://127.0.0.1:9004/mcp", value))
    assert line == f"registry.yaml:6: servers.linear.transport.url: {told}"


HOSTED = """
  - name: hosted
    tier: SECONDARY
    capabilities: [TASKS]
    transport: {kind: http, url: "http://x/mcp"}
    equivalence: EQUIVALENCE
"""


@pytest.mark.parametrize(
    ("equivalence", "told"),
    [
        ("{to: linea, class: replica}", "to: names no server: 'linea'; did you mean linear?"),
        ("{to: hosted, class: replica}", "to: names the server itself"),
        ("{to: other, class: replica}", "to: other is an equivalent itself; name linear instead"),
        ("{to: crm, class: replica}", "to: shares no capability with crm"),
        ("{to: linear, class: twin}", "class: must be replica, same_source, snapshot or fungible"),
        ("{to: linear, class: snapshot}", "class: snapshot needs max_age_seconds"),
        (
            "{to: linear, class: replica, max_age_seconds: 5}",
            "max_age_seconds goes only with class: snapshot",
        ),
    ],
)
def test_an_equivalence_that_cannot_hold_is_refused(equivalence: str, told: str) -> None:
    other = HOSTED.replace("hosted", "other").replace(
        "EQUIVALENCE", "{to: linear, class: same_source}"
    )
    crm = (
        HOSTED.replace("hosted", "crm")
        .replace("TASKS", "CRM")
        .replace("    equivalence: EQUIVALENCE\n", "")
    )
    (line,) = mistakes(GOOD + other + crm + HOSTED.replace("EQUIVALENCE", equivalence))
    assert line.startswith("registry.yaml:23: servers.hosted.equivalence")
    assert told in line


@pytest.mark.parametrize(
    ("bindings", "told"),
    [
        (
            "tasks.searchr: {tool: x}",
            "tasks.searchr: is no operation of the contract; did you mean tasks.search?",
        ),
        ("tasks.search: {}", "tasks.search.tool: is missing"),
        (
            "tasks.search: {tool: x, arguments: {quer: q}}",
            "tasks.search.arguments.quer: is no argument of the operation; did you mean query?",
        ),
        (
            "tasks.search: {tool: x, arguments: {query: q, limit: q}}",
            "tasks.search.arguments.limit: goes to 'q', as 'query' does already",
        ),
        ("tasks.search: {tool: x, result: 'a[['}", "tasks.search.result: is not JMESPath: "),
        (
            f"tasks.search: {{tool: {'x' * 60}}}",
            f"tasks.search.tool: 'linear_{'x' * 60}' is longer than 64 characters",
        ),
    ],
)
def test_a_binding_that_does_not_fit_the_contract_is_refused(bindings: str, told: str) -> None:
    (line,) = mistakes(server(f"bindings:\n  {bindings}"))
    assert line.startswith(f"registry.yaml:8: servers.linear.bindings.{told}")


def test_a_binding_needs_its_capability() -> None:
    text = server("bindings:\n  people.resolve: {tool: x}").replace("[TASKS, PEOPLE]", "[TASKS]")
    assert mistakes(text) == [
        (
            "registry.yaml:8: servers.linear.bindings.people.resolve: "
            "needs PEOPLE among the server's capabilities"
        )
    ]


def test_references_are_checked_even_where_something_else_is_wrong() -> None:
    text = GOOD.replace("PRIMARY", "FIRST") + HOSTED.replace(
        "EQUIVALENCE", "{to: linea, class: replica}"
    )
    first, second = mistakes(text)
    assert "servers.linear.tier" in first
    assert "did you mean linear?" in second


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RegistryInvalid, match=r"none\.yaml: cannot be read: No such file"):
        load(tmp_path / "none.yaml", {})


def test_a_file_that_is_not_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "binary.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RegistryInvalid, match=r"binary\.yaml: is not UTF-8 text"):
        load(path, {})


def test_one_server_can_be_declared_beside_others() -> None:
    (linear,) = loads(GOOD, "registry.yaml", {}).servers
    data = {
        "name": "twin",
        "tier": "SECONDARY",
        "capabilities": ["TASKS"],
        "transport": {"kind": "http", "url": "http://x/mcp"},
        "equivalence": {"to": "linear", "class": "replica"},
    }
    twin = declared(data, "lease", {"linear": linear})
    assert isinstance(twin, Server)
    assert twin.provider == "linear"
    with pytest.raises(RegistryInvalid, match=r"lease: equivalence\.to: names no server"):
        declared(data, "lease", {})
    with pytest.raises(RegistryInvalid, match=r"lease: teir: is not a key here; did you mean tier"):
        declared({**data, "teir": 1}, "lease", {"linear": linear})


def test_a_document_without_servers_is_good() -> None:
    assert loads("version: 2\nservers: []", "registry.yaml", {}) == Document(version=2, servers=())
