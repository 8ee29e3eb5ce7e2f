"""The gateway's tests run on the loop that its process runs on."""

import asyncio
from collections.abc import Callable, Mapping

import pytest
import uvloop


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """uvloop; the HTTP client, which is written by hand, on asyncio's own too."""
    del config
    factories: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {
        "uvloop": uvloop.new_event_loop
    }
    if item.path.name == "test_http1.py":
        factories["asyncio"] = asyncio.SelectorEventLoop
    return factories
