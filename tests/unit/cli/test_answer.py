"""Answers as people read them."""

import pytest

from cli.answer import show_answer


def test_items_are_a_table_without_empty_columns(capsys: pytest.CaptureFixture[str]) -> None:
    show_answer(
        {
            "items": [
                {
                    "ref": "task:linear:ENG-12",
                    "title": "Billing",
                    "status": {"name": "Todo", "category": "todo"},
                    "due_on": None,
                    "labels": ["bug", "p1"],
                    "url": "https://linear.example/ENG-12",
                }
            ],
            "complete": True,
        }
    )
    head, row = capsys.readouterr().out.splitlines()
    assert head.split() == ["ref", "title", "status", "labels"]
    assert row.split() == ["task:linear:ENG-12", "Billing", "Todo", "bug,", "p1"]


def test_an_answer_without_somebody_says_so_beside_the_result(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show_answer(
        {
            "items": [],
            "complete": False,
            "providers": [
                {"provider": "asana", "status": "empty"},
                {
                    "provider": "linear",
                    "status": "error",
                    "error": {"code": "timeout", "message": "no answer within 5 s"},
                },
            ],
        }
    )
    said = capsys.readouterr()
    assert said.out == "nothing found\n"
    assert said.err.splitlines() == [
        "without linear (error): timeout: no answer within 5 s",
        "the answer is not complete",
    ]


def test_one_thing_is_its_fields(capsys: pytest.CaptureFixture[str]) -> None:
    show_answer(
        {
            "title": "Billing",
            "status": {"name": "Todo"},
            "description_md": "one\n\ntwo",
            "comments": [{"author": {"name": "A"}, "body_md": "yes"}],
            "assignee": None,
        }
    )
    assert capsys.readouterr().out.splitlines() == [
        "title           Billing",
        "status",
        "  name  Todo",
        "description_md",
        "  one",
        "",
        "  two",
        "comments",
        "  - yes",
    ]


def test_text_is_printed_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    show_answer("[red]no markup[/]")
    assert capsys.readouterr().out == "[red]no markup[/]\n"
