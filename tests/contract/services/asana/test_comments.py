"""Comments: one for a key, told apart from others that say the same."""

import pytest

from kit.errors import UnknownOutcome
from tests.support.asana import Vendor, asana
from tests.support.sandbox import RunningSandbox

STORIES = "POST /tasks/{task_gid}/stories"


async def test_a_comment_whose_answer_was_lost_is_read_back(box: RunningSandbox) -> None:
    ref = f"task:asana:{Vendor(box).task('Talked about')}"
    text = "Fine **by me**, see [this](https://a.example/x):\n\n- one\n- two & three"
    async with asana(box) as server:
        box.fault("asana", "reset_after_commit", method="POST", path="/tasks/*/stories")
        made = await server.call("tasks_comment", ref=ref, body_md=text, idempotency_key="c")
        again = await server.call("tasks_comment", ref=ref, body_md=text, idempotency_key="c")
    assert (made["outcome"], again["outcome"]) == ("created", "existing")
    assert box.writes("asana", STORIES) == 1


@pytest.mark.parametrize("kind", ["reset", "error_503", "hang"])
async def test_a_comment_that_may_be_there_is_unknown_and_its_repeat_finds_out(
    box: RunningSandbox, kind: str
) -> None:
    ref = f"task:asana:{Vendor(box).task('Talked about')}"
    async with asana(box, timeout_seconds=0.5) as server:
        box.fault("asana", kind, method="POST", path="/tasks/*/stories")
        error = await server.refused("tasks_comment", ref=ref, body_md="x", idempotency_key="c")
        made = await server.call("tasks_comment", ref=ref, body_md="x", idempotency_key="c")
    assert isinstance(error, UnknownOutcome)
    assert made["outcome"] == "created"
    assert box.writes("asana", STORIES) == 1


async def test_another_process_knows_a_repeat_by_its_words(box: RunningSandbox) -> None:
    ref = f"task:asana:{Vendor(box).task('Talked about')}"
    async with asana(box) as server:
        first = await server.call("tasks_comment", ref=ref, body_md="*Yes*.", idempotency_key="c")
    async with asana(box) as restarted:
        again = await restarted.call(
            "tasks_comment", ref=ref, body_md="*Yes*.", idempotency_key="c"
        )
    assert (again["outcome"], again["ref"]) == ("existing", first["ref"])


async def test_the_same_words_under_another_key_are_another_comment(box: RunningSandbox) -> None:
    ref = f"task:asana:{Vendor(box).task('Talked about')}"
    async with asana(box) as server:
        first = await server.call("tasks_comment", ref=ref, body_md="+1", idempotency_key="c1")
        second = await server.call("tasks_comment", ref=ref, body_md="+1", idempotency_key="c2")
        third = await server.call("tasks_comment", ref=ref, body_md="+1")
    assert {each["outcome"] for each in (first, second, third)} == {"created"}
    assert len({each["ref"] for each in (first, second, third)}) == 3
