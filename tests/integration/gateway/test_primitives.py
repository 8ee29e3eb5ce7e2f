"""Resources, prompts and completion through the gateway, in both eras."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from mcp import Client, MCPError
from mcp.server.caching import CacheHint
from mcp_types import PromptReference, ResourceTemplateReference
from pydantic import BaseModel

from tests.support.gateway import Running, entry, gateway
from tests.support.library import LINK, Library, library_app
from tests.support.mcp_server import mcp_app
from tests.support.serving import dead_port, serving
from tests.support.wire import legacy, modern, opened, sent

MODES = ("auto", "legacy")
BOTH = pytest.mark.parametrize("mode", MODES)


@contextlib.asynccontextmanager
async def libraries(folder: Path, *each: Library) -> AsyncGenerator[Running]:
    """Run a gateway in front of *each*, in that order."""
    async with contextlib.AsyncExitStack() as stack:
        servers = []
        for library in each:
            url = await stack.enter_async_context(serving(library_app(library)))
            servers.append(entry(library.name, f"{url}/mcp", capabilities=[]))
        yield await stack.enter_async_context(gateway(folder, servers))


@pytest.fixture
def docs() -> Library:
    return Library(
        "docs",
        prompts={"review": "Review this:"},
        resources={"docs://one": "first", "ui://page/1": "page of docs"},
        templates=["docs://page/{id}"],
        values=["a", "b"],
    )


@pytest.fixture
def wiki() -> Library:
    return Library(
        "wiki",
        prompts={"review": "Look at:", "wiki_sum": "Sum up"},
        resources={"wiki://one": "erste", "ui://page/1": "page of wiki"},
        templates=["wiki://{+path}", "docs://{anything}/{id}"],
    )


@pytest.fixture
async def fleet(tmp_path: Path, docs: Library, wiki: Library) -> AsyncGenerator[Running]:
    async with libraries(tmp_path, docs, wiki) as running:
        yield running


@BOTH
async def test_one_servers_primitives_are_what_the_server_says(
    fleet: Running, docs: Library, mode: str
) -> None:
    async with (
        serving(library_app(docs)) as direct,
        Client(f"{direct}/mcp", mode=mode) as straight,
        Client(f"{fleet.mcp}/servers/docs", mode=mode) as through,
    ):
        for got, expected in zip(
            await everything(through), await everything(straight), strict=True
        ):
            assert got.model_dump(exclude={"meta"}) == expected.model_dump(exclude={"meta"})
        assert through.instructions == "This is docs."


async def everything(client: Client) -> list[BaseModel]:
    """Return what *client* gets of docs."""
    prompt = PromptReference(name="review")
    return [
        await client.list_resources(),
        await client.list_resource_templates(),
        await client.list_prompts(),
        await client.read_resource("docs://one"),
        await client.read_resource("docs://page/7"),
        await client.get_prompt("review", {"topic": "x"}),
        await client.complete(prompt, {"name": "topic", "value": "x"}),
    ]


@BOTH
@pytest.mark.parametrize("path", ["", "/all"])
async def test_all_servers_lists_are_one_in_the_registrys_order(
    fleet: Running, path: str, mode: str
) -> None:
    async with Client(fleet.mcp + path, mode=mode) as client:
        prompts = [each.name for each in (await client.list_prompts()).prompts]
        assert prompts == ["docs_review", "wiki_review", "wiki_sum"]
        resources = [each.uri for each in (await client.list_resources()).resources]
        assert resources == ["docs://one", "ui://page/1", "wiki://one", "ui://~wiki~page/1"]
        templates = (await client.list_resource_templates()).resource_templates
        assert [each.uri_template for each in templates] == [
            "docs://page/{id}",
            "wiki://{+path}",
            "docs://~wiki~{anything}/{id}",
        ]


@BOTH
@pytest.mark.parametrize(
    ("uri", "text"),
    [
        ("docs://one", "first"),
        ("wiki://one", "erste"),
        ("ui://page/1", "page of docs"),
        ("ui://~wiki~page/1", "page of wiki"),
        ("docs://page/7", "filled docs://page/7"),
        ("wiki://a/b?c", "filled wiki://a/b?c"),
        ("docs://~wiki~page/7", "filled docs://page/7"),
    ],
)
async def test_a_resource_is_read_from_its_owner_and_keeps_the_uri_it_was_asked_by(
    fleet: Running, uri: str, text: str, mode: str
) -> None:
    async with Client(f"{fleet.mcp}/all", mode=mode) as client:
        read = (await client.read_resource(uri)).model_dump(mode="json")
    assert [(each["uri"], each["text"]) for each in read["contents"]] == [(uri, text)]


@BOTH
async def test_a_prompt_is_asked_of_its_server_under_the_servers_own_name(
    fleet: Running, mode: str
) -> None:
    async with Client(fleet.mcp, mode=mode) as client:
        for name, said in (
            ("docs_review", "Review this: x"),
            ("wiki_review", "Look at: x"),
            ("wiki_sum", "Sum up x"),
        ):
            got = (await client.get_prompt(name, {"topic": "x"})).model_dump()
            assert got["messages"][0]["content"]["text"] == said


@BOTH
async def test_completion_is_asked_of_the_owner_and_nobodys_is_empty(
    fleet: Running, mode: str
) -> None:
    argument = {"name": "topic", "value": ""}
    async with Client(f"{fleet.mcp}/all", mode=mode) as client:
        found = await client.complete(PromptReference(name="docs_review"), argument)
        assert found.completion.values == ["review:a", "review:b"]
        template = ResourceTemplateReference(uri="docs://page/{id}")
        found = await client.complete(template, argument)
        assert found.completion.values == ["docs://page/{id}:a", "docs://page/{id}:b"]
        found = await client.complete(PromptReference(name="wiki_review"), argument)
        assert found.completion.values == []


@BOTH
async def test_links_in_a_tools_result_lead_back_to_its_server(fleet: Running, mode: str) -> None:
    async with Client(f"{fleet.mcp}/all", mode=mode) as client:
        for tool, uri, shown in (
            (f"wiki_{LINK}", "ui://page/1", "ui://~wiki~page/1"),
            (f"wiki_{LINK}", "unlisted://x", "unlisted://~wiki~x"),
            (f"docs_{LINK}", "ui://page/1", "ui://page/1"),
        ):
            link, held = (await client.call_tool(tool, {"uri": uri})).model_dump()["content"]
            assert (link["uri"], held["resource"]["uri"]) == (shown, shown)
            await client.read_resource(shown)
    async with Client(f"{fleet.mcp}/servers/wiki", mode=mode) as client:
        link, _ = (await client.call_tool(LINK, {"uri": "ui://page/1"})).model_dump()["content"]
        assert link["uri"] == "ui://page/1"


@pytest.mark.parametrize("path", ["/mcp", "/mcp/all"])
async def test_a_resource_that_is_not_there_has_the_code_of_the_clients_era(
    fleet: Running, path: str
) -> None:
    asked = {"uri": "nobody://x"}
    new = await sent(fleet.http, path, modern("resources/read", asked))
    assert (new["error"]["code"], new["error"]["data"]) == (-32602, asked)
    old = await sent(fleet.http, path, legacy("resources/read", asked))
    assert (old["error"]["code"], old["error"]["data"]) == (-32002, asked)


async def test_a_servers_own_refusal_keeps_its_words_in_either_era(tmp_path: Path) -> None:
    strict = Library("strict", resources={"x://one": "1"}, prompts={"p": "P"})
    async with libraries(tmp_path, strict) as running:
        for path in ("/mcp/servers/strict", "/mcp/all"):
            uri = "x://two" if "servers" in path else "x://~strict~two"
            new = await sent(running.http, path, modern("resources/read", {"uri": uri}))
            assert new["error"]["code"] == -32602
            assert "No resource x://two" in new["error"]["message"]
            old = await sent(running.http, path, legacy("resources/read", {"uri": uri}))
            assert old["error"]["code"] == -32002
            name = "q" if "servers" in path else "strict_q"
            old = await sent(running.http, path, legacy("prompts/get", {"name": name}))
            assert old["error"]["code"] == -32602


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("resources/read", {}),
        ("prompts/get", {"name": 1}),
        ("prompts/get", {"name": "nope"}),
        ("completion/complete", {}),
        ("completion/complete", {"ref": {"type": "ref/other"}}),
        ("completion/complete", {"ref": {"type": "ref/prompt"}}),
        ("completion/complete", {"ref": {"type": "ref/resource", "uri": "nobody://{x}"}}),
        ("resources/list", {"cursor": ""}),
        ("prompts/list", {"cursor": "made up"}),
    ],
)
async def test_what_is_asked_wrongly_is_told_as_wrong_parameters(
    fleet: Running, method: str, params: dict[str, object]
) -> None:
    answer = await sent(fleet.http, "/mcp/all", legacy(method, params))
    assert answer["error"]["code"] == -32602
    assert answer["error"]["message"]


async def test_what_a_server_does_not_declare_is_neither_asked_nor_advertised(
    tmp_path: Path, docs: Library
) -> None:
    bare = Library("bare")
    async with libraries(tmp_path, bare, docs) as running:
        async with Client(f"{running.mcp}/servers/bare") as client:
            assert client.server_capabilities.prompts is None
            assert client.server_capabilities.resources is None
            with pytest.raises(MCPError, match="no server has prompts"):
                await client.list_prompts()
        async with Client(f"{running.mcp}/all") as client:
            capabilities = client.server_capabilities
            assert capabilities.prompts is not None
            assert capabilities.prompts.list_changed
            assert capabilities.resources is not None
            assert capabilities.resources.subscribe
            assert capabilities.completions is not None
            await client.list_prompts()
    assert set(bare.asked) == {"tools/list"}


async def test_caching_hints_are_the_servers_own_and_merged_the_strictest(
    tmp_path: Path, docs: Library, wiki: Library
) -> None:
    wiki.hint = CacheHint(ttl_ms=3000, scope="private")
    async with libraries(tmp_path, docs, wiki) as running:
        for path, hints in (
            ("/mcp/servers/docs", (7000, "public")),
            ("/mcp/servers/wiki", (3000, "private")),
            ("/mcp/all", (3000, "private")),
        ):
            for method in ("resources/list", "prompts/list", "tools/list"):
                answer = await sent(running.http, path, modern(method))
                assert (answer["result"]["ttlMs"], answer["result"]["cacheScope"]) == hints
        answer = await sent(running.http, "/mcp/all", legacy("resources/list"))
        assert answer["result"].keys() == {"resources"}
        read = await sent(running.http, "/mcp/all", modern("resources/read", {"uri": "docs://one"}))
        assert read["result"].keys() >= {"ttlMs", "cacheScope"}


async def test_the_last_good_lists_of_a_server_stay_while_it_is_away(
    tmp_path: Path, docs: Library
) -> None:
    async with contextlib.AsyncExitStack() as stack:
        away = await stack.enter_async_context(contextlib.AsyncExitStack())
        url = await away.enter_async_context(serving(library_app(docs)))
        other = await stack.enter_async_context(serving(mcp_app(["tool"])))
        servers = [
            entry("docs", f"{url}/mcp", capabilities=[]),
            entry("plain", f"{other}/mcp", capabilities=[]),
        ]
        running = await stack.enter_async_context(gateway(tmp_path, servers))
        before = await sent(running.http, "/mcp/all", legacy("resources/list"))
        await away.aclose()
        await running.until("docs", "DOWN")
        after = await sent(running.http, "/mcp/all", legacy("resources/list"))
        assert after["result"]["resources"] == before["result"]["resources"]
        read = legacy("resources/read", {"uri": "docs://one"})
        answer = await sent(running.http, "/mcp/all", read)
        assert answer["error"]["code"] == -32603
        assert "docs is not asked: DOWN" in answer["error"]["message"]
        assert answer["error"]["data"]["code"] == "unavailable"


async def test_lists_of_a_server_that_was_never_reached_fail_rather_than_look_empty(
    tmp_path: Path, docs: Library
) -> None:
    async with serving(library_app(docs)) as url:
        servers = [
            entry("docs", f"{url}/mcp", capabilities=[]),
            entry("dead", f"http://127.0.0.1:{dead_port()}/mcp", capabilities=[]),
        ]
        async with gateway(tmp_path, servers) as running:
            for method in ("tools/list", "prompts/list", "resources/list", "resources/read"):
                params = {"uri": "x://y"} if method == "resources/read" else {}
                answer = await sent(running.http, "/mcp/servers/dead", legacy(method, params))
                assert answer["error"]["code"] == -32603
                assert "dead could not be reached" in answer["error"]["message"]
            merged = await sent(running.http, "/mcp/all", legacy("prompts/list"))
            assert [each["name"] for each in merged["result"]["prompts"]] == ["docs_review"]
            told = merged["result"]["_meta"]["fleet/incomplete"]
            assert "dead could not be reached" in told["dead"]


async def test_collisions_are_told_when_they_are_found(
    tmp_path: Path, docs: Library, wiki: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    async with libraries(tmp_path, docs, wiki):
        logged = capsys.readouterr().out
    assert "wiki: resource 'ui://page/1' is docs's too" in logged
    assert "wiki: template 'docs://{anything}/{id}' may mean the same" in logged


async def test_a_replica_stands_in_for_reads_and_lists_nothing_twice(tmp_path: Path) -> None:
    one = Library("one", resources={"x://a": "of one"}, prompts={"p": "P"})
    same = Library("same", resources={"x://a": "of same"}, prompts={"p": "P"})
    async with contextlib.AsyncExitStack() as stack:
        away = await stack.enter_async_context(contextlib.AsyncExitStack())
        url = await away.enter_async_context(serving(library_app(one)))
        other = await stack.enter_async_context(serving(library_app(same)))
        replica = {"to": "one", "class": "replica"}
        servers = [
            entry("one", f"{url}/mcp"),
            entry("same", f"{other}/mcp", equivalence=replica),
        ]
        running = await stack.enter_async_context(gateway(tmp_path, servers))
        listed = await sent(running.http, "/mcp/all", legacy("resources/list"))
        assert [each["uri"] for each in listed["result"]["resources"]] == ["x://a"]
        await away.aclose()
        await running.until("one", "DOWN")
        answer = await sent(running.http, "/mcp/all", legacy("resources/read", {"uri": "x://a"}))
        assert answer["result"]["contents"][0]["text"] == "of same"
        assert answer["result"]["_meta"]["fleet/served_by"] == ["same"]


async def test_log_messages_come_to_who_asked_from_the_level_asked_for(fleet: Running) -> None:
    call = {"name": "log", "arguments": {"levels": ["debug", "info", "error"]}}
    path = "/mcp/servers/docs"

    async def levels(request: tuple[dict[str, object], dict[str, str]]) -> list[str]:
        async with asyncio.timeout(5):
            body, headers = request
            answer = await fleet.http.post(path, json=body, headers=headers)
        found = [line for line in answer.text.splitlines() if "notifications/message" in line]
        return [line.split('"level":"')[1].split('"')[0] for line in found]

    key = "io.modelcontextprotocol/logLevel"
    assert await levels(modern("tools/call", call)) == []
    assert await levels(modern("tools/call", call, {key: "error"})) == ["error"]
    assert await levels(modern("tools/call", call, {key: "debug"})) == ["debug", "info", "error"]
    assert await levels(legacy("tools/call", call)) == ["info", "error"]
    session = await opened(fleet.http, path)
    setting = legacy("logging/setLevel", {"level": "error"}, session=session)
    assert (await sent(fleet.http, path, setting))["result"] == {}
    assert await levels(legacy("tools/call", call, session=session)) == ["error"]


async def test_a_level_that_is_none_is_refused(fleet: Running) -> None:
    path = "/mcp/servers/docs"
    session = await opened(fleet.http, path)
    wrong = legacy("logging/setLevel", {"level": "loud"}, session=session)
    assert (await sent(fleet.http, path, wrong))["error"]["code"] == -32602
    key = "io.modelcontextprotocol/logLevel"
    wrong = modern("resources/list", meta={key: "loud"})
    assert (await sent(fleet.http, path, wrong))["error"]["code"] == -32602
    stateless = legacy("logging/setLevel", {"level": "info"})
    assert "initialize first" in (await sent(fleet.http, path, stateless))["error"]["message"]
