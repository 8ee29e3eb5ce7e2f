"""Where a fleet keeps things."""

from pathlib import Path

import pytest

from cli.failure import Failure
from cli.fleet.places import SOCKET_BYTES, Places


def test_the_socket_lies_with_the_rest() -> None:
    places = Places.of(Path("/s"))
    assert places.socket() == Path("/s/run/supervisor.sock")


def test_a_socket_whose_path_would_be_too_long_lies_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    found = Places.of(Path("/" + "long/" * 30)).socket()
    assert found.parent.parent == tmp_path
    assert len("/tmp/sophia-12345678/supervisor.sock") < SOCKET_BYTES  # noqa: S108 -- as it is


@pytest.mark.parametrize("name", ["a ;b", "a #b", "a\nb", "100%"])
def test_a_path_that_cannot_be_configured_is_refused(name: str) -> None:
    with pytest.raises(Failure, match="FLEET_STATE"):
        Places.of(Path(f"/{name}"))


def test_a_place_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(Failure, match="FLEET_STATE="):
        Places.of(tmp_path / "file").create()
