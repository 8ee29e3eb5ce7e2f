import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

import pytest

from registry.watch import changes


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "registry.yaml").write_text("first")
    return tmp_path / "registry.yaml"


async def nexts(contents: AsyncGenerator[bytes | None], wanted: bytes | None) -> None:
    async with asyncio.timeout(5):
        async for content in contents:
            if content == wanted:
                return


def in_place(path: Path) -> None:
    path.write_text("second")


def renamed_over(path: Path) -> None:
    beside = path.with_name(".registry.yaml.swp")
    beside.write_text("second")
    beside.replace(path)


def removed_and_written_again(path: Path) -> None:
    path.unlink()
    path.write_text("second")


def as_kubernetes_does(path: Path) -> None:
    """A ConfigMap: the file is a link into a folder that is a link, and that one is replaced."""
    fresh = path.parent / "..2026"
    fresh.mkdir()
    (fresh / "registry.yaml").write_text("second")
    link = path.parent / "..data_tmp"
    link.symlink_to(fresh.name)
    link.replace(path.parent / "..data")


@pytest.mark.parametrize("write", [in_place, renamed_over, removed_and_written_again])
async def test_a_change_is_noticed_however_the_editor_writes(
    path: Path, write: Callable[[Path], None]
) -> None:
    async with contextlib.aclosing(changes(path)) as contents:
        assert await anext(contents) == b"first"
        write(path)
        await nexts(contents, b"second")


async def test_a_config_map_that_is_replaced_is_noticed(tmp_path: Path) -> None:
    old = tmp_path / "..2025"
    old.mkdir()
    (old / "registry.yaml").write_text("first")
    (tmp_path / "..data").symlink_to(old.name)
    path = tmp_path / "registry.yaml"
    path.symlink_to("..data/registry.yaml")
    async with contextlib.aclosing(changes(path)) as contents:
        assert await anext(contents) == b"first"
        as_kubernetes_does(path)
        await nexts(contents, b"second")


async def test_a_file_that_is_removed_reads_as_none(path: Path) -> None:
    async with contextlib.aclosing(changes(path)) as contents:
        await anext(contents)
        path.unlink()  # noqa: ASYNC240 -- a local file of the test
        await nexts(contents, None)


async def test_the_same_content_written_again_is_no_change(path: Path) -> None:
    async with contextlib.aclosing(changes(path)) as contents:
        await anext(contents)
        path.write_text("first")  # noqa: ASYNC240 -- a local file of the test
        (path.parent / "neighbour").write_text("x")
        in_place(path)
        async with asyncio.timeout(5):
            assert await anext(contents) == b"second"
