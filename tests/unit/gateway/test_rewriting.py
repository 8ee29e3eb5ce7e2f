"""URIs in what servers say."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from gateway import rewriting


def rename(uri: str) -> str:
    return uri.replace("x:", "x:~a~")


def test_links_and_embedded_resources_are_renamed_and_texts_are_not() -> None:
    result = {
        "content": [
            {"type": "text", "text": "see x:1"},
            {"type": "resource_link", "uri": "x:1", "name": "x:1", "own": None},
            {"type": "resource", "resource": {"uri": "x:2", "blob": ""}},
            {"type": "unheard_of", "uri": "x:3"},
            7,
        ],
        "structuredContent": {"uri": "x:1"},
    }
    before = copy.deepcopy(result)
    assert rewriting.call_result(result, rename) == {
        "content": [
            {"type": "text", "text": "see x:1"},
            {"type": "resource_link", "uri": "x:~a~1", "name": "x:1", "own": None},
            {"type": "resource", "resource": {"uri": "x:~a~2", "blob": ""}},
            {"type": "unheard_of", "uri": "x:3"},
            7,
        ],
        "structuredContent": {"uri": "x:1"},
    }
    assert result == before


def test_prompts_and_contents_are_renamed() -> None:
    block = {"type": "resource", "resource": {"uri": "x:1"}}
    prompt = {"messages": [{"role": "user", "content": block}], "description": "d"}
    renamed = rewriting.prompt_result(prompt, rename)
    assert renamed["messages"][0]["content"]["resource"]["uri"] == "x:~a~1"
    assert renamed["description"] == "d"
    read = {"contents": [{"uri": "x:1", "text": "x:1"}]}
    assert rewriting.read_result(read, rename) == {"contents": [{"uri": "x:~a~1", "text": "x:1"}]}


def test_the_page_of_an_app_is_renamed_wherever_hosts_look_for_it() -> None:
    meta = {"ui": {"resourceUri": "x:1", "visibility": ["model"]}, "openai/outputTemplate": "x:2"}
    tool = {"name": "t", "_meta": {**meta, "ui/resourceUri": "x:3"}}
    assert rewriting.tool(tool, rename) == {
        "name": "t",
        "_meta": {
            "ui": {"resourceUri": "x:~a~1", "visibility": ["model"]},
            "openai/outputTemplate": "x:~a~2",
            "ui/resourceUri": "x:~a~3",
        },
    }


@pytest.mark.parametrize(
    "change", [rewriting.call_result, rewriting.prompt_result, rewriting.read_result]
)
@pytest.mark.parametrize(
    "result",
    [
        {},
        {"content": None, "messages": 1, "contents": {}},
        {"content": [None], "messages": [{"content": None}], "contents": ["x"]},
        {"content": [{"type": "resource"}], "contents": [{"uri": 7}]},
    ],
)
def test_what_is_not_as_mcp_has_it_is_left_alone(
    change: Callable[[Any, rewriting.Rename], Any], result: dict[str, Any]
) -> None:
    assert change(result, rename) is result
