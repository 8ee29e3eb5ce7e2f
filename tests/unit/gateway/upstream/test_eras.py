from typing import Any

import pytest

from gateway.upstream.eras import Era, OtherEra, doubtful, judged, refusal
from gateway.upstream.replies import BrokenOff, Outage, RpcError
from kit.errors import FleetError, Internal, RateLimited, Unauthenticated, Unsupported


def error(code: int, **data: Any) -> dict[str, Any]:
    return {"error": {"code": code, "message": "no", **({"data": data} if data else {})}}


def supports(*versions: str) -> dict[str, Any]:
    return {"result": {"supportedVersions": list(versions)}}


@pytest.mark.parametrize(
    ("message", "era"),
    [
        (supports("2026-07-28"), Era.MODERN),
        (supports("2031-01-01", "2026-07-28", "2025-11-25"), Era.MODERN),
        (supports("2025-11-25"), Era.LEGACY),
        (error(-32020), Era.MODERN),
        (error(-32021, requiredCapabilities={}), Era.MODERN),
        (error(-32022, supported=["2026-07-28"]), Era.MODERN),
        (error(-32022, supported=["2025-06-18"]), Era.LEGACY),
        (error(-32601), Era.LEGACY),
        (error(-32600), Era.LEGACY),
        (error(-32000), Era.LEGACY),
        ({"result": {}}, Era.LEGACY),
        ({"result": 7}, Era.LEGACY),
        ({"error": "no"}, Era.LEGACY),
        (None, Era.LEGACY),
    ],
)
def test_an_answer_speaks_for_an_era(message: dict[str, Any] | None, era: Era) -> None:
    assert judged("peer", message) is era


@pytest.mark.parametrize(
    ("message", "told"),
    [
        (supports("2031-01-01"), "its own: 2031-01-01"),
        (error(-32022, supported=["2031-01-01"]), "its own: 2031-01-01"),
        (error(-32022), "its own: none that it names"),
        (error(-32022, supported=7), "its own: none that it names"),
    ],
)
def test_a_server_without_a_common_revision_is_told_as_such(
    message: dict[str, Any], told: str
) -> None:
    with pytest.raises(Unsupported, match=told):
        judged("peer", message)


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, Unauthenticated), (403, Unauthenticated), (429, RateLimited), (503, Outage)],
)
def test_some_statuses_say_nothing_about_the_era(status: int, kind: type[FleetError]) -> None:
    assert isinstance(refusal("peer", status), kind)


@pytest.mark.parametrize("status", [200, 202, 400, 404, 405, 500])
def test_others_may(status: int) -> None:
    assert refusal("peer", status) is None


@pytest.mark.parametrize(
    ("failure", "doubt"),
    [
        (RpcError(-32600, ""), True),
        (RpcError(-32601, ""), True),
        (RpcError(-32022, ""), True),
        (RpcError(-32602, ""), False),
        (RpcError(-1, ""), False),
        (OtherEra("", status=404), True),
        (Outage(""), False),
        (BrokenOff(""), False),
        (Unauthenticated(""), False),
        (Internal(""), False),
    ],
)
def test_only_a_misunderstanding_raises_doubts(
    failure: RpcError | FleetError, *, doubt: bool
) -> None:
    assert doubtful(failure) is doubt
