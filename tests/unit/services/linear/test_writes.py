import re
from collections.abc import Awaitable, Callable, Iterator

import pytest

from kit.errors import Conflict, FleetError, Invalid, NotFound, Unavailable, UnknownOutcome
from services.linear.writes import client_id, create_once

UNSURE = UnknownOutcome("linear: it broke off", provider="linear")
TAKEN = Conflict("Entity Issue with id x already exists.")
MISSING = NotFound("no such issue")


def steps(*answers: str | FleetError | None) -> Callable[[], Awaitable[str | None]]:
    """Return a call that gives *answers* one after the other."""
    left: Iterator[str | FleetError | None] = iter(answers)

    async def call() -> str | None:
        answer = next(left)
        if isinstance(answer, FleetError):
            raise answer
        return answer

    return call


def read(*answers: str | FleetError) -> Callable[[], Awaitable[str]]:
    call = steps(*answers)

    async def found() -> str:
        return str(await call())

    return found


@pytest.mark.parametrize(
    ("create", "readings", "outcome"),
    [
        (steps("thing"), read(), "created"),
        (steps(TAKEN), read("thing"), "existing"),
        (steps(Invalid("duplicate label name")), read("thing"), "existing"),
        (steps(UNSURE), read("thing"), "created"),
        (steps(None), read("thing"), "created"),
        (steps(UNSURE, "thing"), read(MISSING), "created"),
        (steps(UNSURE, TAKEN), read(MISSING, "thing"), "created"),
        (steps(UNSURE, UNSURE), read(MISSING, "thing"), "created"),
    ],
    ids=[
        "answered",
        "made before",
        "made before and refused for its name",
        "done but the answer lost",
        "done but answered empty",
        "not done, so done again",
        "done late",
        "done at the second try but the answer lost",
    ],
)
async def test_a_thing_is_made_once_and_known(
    create: Callable[[], Awaitable[str | None]],
    readings: Callable[[], Awaitable[str]],
    outcome: str,
) -> None:
    assert await create_once(create, readings, hint="look") == ("thing", outcome)


@pytest.mark.parametrize(
    ("create", "readings"),
    [
        (steps(UNSURE, UNSURE), read(MISSING, MISSING)),
        (steps(UNSURE), read(Unavailable("down"))),
        (steps(TAKEN), read(Unavailable("down"))),
        (steps(None, None), read(MISSING, MISSING)),
    ],
    ids=["never seen", "cannot be read", "taken and cannot be read", "answered empty twice"],
)
async def test_what_cannot_be_known_is_said_with_a_way_to_find_out(
    create: Callable[[], Awaitable[str | None]], readings: Callable[[], Awaitable[str]]
) -> None:
    with pytest.raises(UnknownOutcome, match="look here") as caught:
        await create_once(create, readings, hint="look here")

    assert caught.value.read_back_hint == "look here"


@pytest.mark.parametrize(
    ("refusal", "readings"),
    [
        (Invalid("no title"), read(MISSING)),
        (Invalid("no title"), read(Unavailable("down"))),
        (Unavailable("refused to connect"), read()),
    ],
    ids=["not there", "cannot be read", "never reached"],
)
async def test_a_refusal_is_passed_on(
    refusal: FleetError, readings: Callable[[], Awaitable[str]]
) -> None:
    with pytest.raises(type(refusal)):
        await create_once(steps(refusal), readings, hint="look")


async def test_a_taken_id_that_cannot_be_read_is_a_conflict() -> None:
    with pytest.raises(Conflict):
        await create_once(steps(TAKEN), read(MISSING), hint="look")


def test_a_key_stands_for_one_id_of_each_kind() -> None:
    assert client_id("issue", "k") == client_id("issue", "k")
    assert len({client_id("issue", "k"), client_id("comment", "k"), client_id("issue", "l")}) == 3


def test_a_client_id_has_the_form_that_linear_asks_for() -> None:
    form = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"

    assert re.fullmatch(form, client_id("issue", "k"))
