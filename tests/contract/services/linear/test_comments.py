from typing import Any

import pytest

from kit.errors import Invalid, NotFound
from tests.support.linear import RunningLinear, Workspace
from tests.support.sandbox import RunningSandbox


async def test_a_comment_is_added_answered_changed_and_deleted(
    server: RunningLinear, workspace: Workspace
) -> None:
    key = workspace.create("Talked about")

    made = await server.call("linear_comment", issue=key, body="First")
    reply = await server.call("linear_comment", issue=key, body="Reply", reply_to=made["id"])
    changed = await server.call("linear_comment", comment=made["id"], body="Changed")
    read = await server.call("linear_get_issue", issue=key, include=["comments"])
    gone = await server.call("linear_comment", comment=reply["id"], delete=True)
    again = await server.call("linear_comment", comment=reply["id"], delete=True)

    assert [each["outcome"] for each in (made, reply, changed)] == ["created", "created", "updated"]
    assert {(each["body"], each.get("reply_to")) for each in read["comments"]} == {
        ("Changed", None),
        ("Reply", made["id"]),
    }
    assert [each["outcome"] for each in (gone, again)] == ["deleted", "absent"]
    assert workspace.titled("Talked about")[0]["comments"]["nodes"] == [{"body": "Changed"}]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "issue"),
        ({"issue": "ENG-1", "comment": "x", "body": "x"}, "issue"),
        ({"issue": "ENG-1"}, "body"),
        ({"comment": "x", "body": "x", "delete": True}, "body"),
        ({"issue": "ENG-1", "delete": True}, "comment"),
        ({"comment": "x", "body": "x", "reply_to": "y"}, "reply_to"),
    ],
    ids=str,
)
async def test_what_cannot_be_meant_is_refused(
    server: RunningLinear, box: RunningSandbox, given: dict[str, Any], field: str
) -> None:
    error = await server.refused("linear_comment", **given)

    assert isinstance(error, Invalid)
    assert error.field == field
    assert sum(box.state("linear")["writes"].values()) == 0


async def test_what_is_not_there_is_named(server: RunningLinear) -> None:
    nowhere = "0a9c3d8e-0000-4000-8000-000000000001"

    of_issue = await server.refused("linear_comment", issue="ENG-99999", body="x")
    of_parent = await server.refused("linear_comment", issue="ENG-1", body="x", reply_to=nowhere)
    of_comment = await server.refused("linear_comment", comment=nowhere, body="x")

    for error in (of_issue, of_parent, of_comment):
        assert isinstance(error, NotFound)
    assert "ENG-99999" in of_issue.message
    assert nowhere in of_parent.message
