import json
import re

from services.linear.operations import tools as contract
from services.linear.tools import tools

LISTED = list(tools)


def test_the_whole_tool_list_stays_under_6000_tokens() -> None:
    told = [(t.name, t.title, t.description, t.input_schema, t.output_schema) for t in LISTED]

    assert len(json.dumps(told, separators=(",", ":"))) / 4 < 6000


def test_the_contract_comes_first_and_both_files_fill_one_list() -> None:
    names = [tool.name for tool in LISTED]

    assert contract is tools
    assert names[:6] == [
        "tasks_search",
        "tasks_get",
        "tasks_create",
        "tasks_update",
        "tasks_comment",
        "people_resolve",
    ]
    assert all(name.startswith("linear_") for name in names[6:])


def test_every_name_is_one_that_all_clients_take() -> None:
    names = [tool.name for tool in LISTED]
    names += [argument for tool in LISTED for argument in tool.input_schema["properties"]]

    assert [name for name in names if not re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", name)] == []


def test_only_what_changes_nothing_is_hinted_read_only() -> None:
    writes = {tool.name for tool in LISTED if not tool.hint.read_only}

    assert writes == {
        "tasks_create",
        "tasks_update",
        "tasks_comment",
        "linear_save_issue",
        "linear_comment",
        "linear_save_project",
        "linear_create_label",
    }


def test_what_can_overwrite_or_delete_is_hinted_destructive() -> None:
    assert {tool.name for tool in LISTED if tool.hint.destructive} == {
        "tasks_update",
        "linear_save_issue",
        "linear_comment",
        "linear_save_project",
    }


def test_every_list_is_a_page() -> None:
    for tool in LISTED:
        if "limit" in tool.input_schema["properties"]:
            assert "cursor" in tool.input_schema["properties"], tool.name
            assert "next_cursor" in tool.output_schema["properties"], tool.name
