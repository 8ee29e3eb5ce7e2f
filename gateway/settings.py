"""The gateway's settings; every name is read as ``GATEWAY_<NAME>``."""

import ipaddress
from typing import Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from kit.settings import Listed, Port, Seconds, ServerSettings


class GatewaySettings(ServerSettings):
    """How the gateway listens, waits and protects itself."""

    model_config = SettingsConfigDict(env_prefix="GATEWAY_")

    port: Port = Field(default=8000, description="port to listen on; 0 takes a free one")
    registry: str = Field(
        default="deploy/registry.yaml",
        description="a registry process, grpc://host:port, or a file that is watched",
    )
    keys: Listed = Field(
        default=(),
        description="callers' API keys as name:sha256-of-the-key, comma-separated; none: open "
        "to this machine only",
    )
    origins: Listed = Field(
        default=(), description="web origins that may call beside loopback ones, comma-separated"
    )
    call_seconds: Seconds = Field(default=30.0, description="a call's deadline, if it names none")
    ask_seconds: Seconds = Field(
        default=300.0, description="how long a client may take to answer a server's question"
    )
    patience_seconds: Seconds = Field(
        default=5.0, description="merge: how long others may take once one has answered"
    )
    queue_seconds: Seconds = Field(
        default=1.0, description="how long a call waits for a place at a busy server"
    )
    breaker_failures: int = Field(
        default=3, ge=1, le=1000, description="failures in a row that open a breaker"
    )
    breaker_seconds: Seconds = Field(
        default=5.0, description="how long an open breaker lets nothing through"
    )
    refresh_seconds: Seconds = Field(
        default=60.0, description="how often a server's tool list is read again"
    )
    max_body_bytes: int = Field(
        default=4 * 1024 * 1024, ge=1024, le=64 * 1024 * 1024, description="longest request"
    )
    max_answer_bytes: int = Field(
        default=16 * 1024 * 1024,
        ge=1024,
        le=256 * 1024 * 1024,
        description="longest answer taken from a server",
    )

    @field_validator("keys")
    @classmethod
    def _keys_are_hashed(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for entry in value:
            name, _, digest = entry.partition(":")
            if not name or len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):  # noqa: PLR2004 -- hex SHA-256
                raise ValueError("each key is name:sha256 in lower-case hex, never the key itself")
        return value

    @model_validator(mode="after")
    def _open_means_local(self) -> Self:
        if not self.keys and not _is_loopback(self.host):
            raise ValueError(
                f"refusing to listen on {self.host} without keys: set GATEWAY_KEYS, "
                "or listen on 127.0.0.1"
            )
        return self


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
