"""Settings: one frozen object a process, read once from the environment at the entry."""

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


def _split(value: object) -> object:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


Seconds = Annotated[float, Field(gt=0, le=3600)]
Port = Annotated[int, Field(ge=0, le=65535)]
Listed = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
"""Several values, comma-separated in the environment."""


class Settings(BaseSettings):
    """Base of every settings class: frozen, and an unknown field is a mistake."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", env_ignore_empty=True, populate_by_name=True
    )


class FleetSettings(Settings):
    """What all processes share; every name is read as ``FLEET_<NAME>``."""

    model_config = SettingsConfigDict(env_prefix="FLEET_")

    profile: Literal["embedded", "production"] = Field(
        default="embedded", description="`production` refuses every stand-in"
    )
    state: Path = Field(default=Path(".state"), description="where embedded engines keep data")
    nats_url: str | None = Field(default=None, description="events and leases; none: in process")
    redis_url: SecretStr | None = Field(
        default=None, description="cache and rate limits; none: in process"
    )
    otlp_endpoint: str | None = Field(
        default=None, description="OTLP over HTTP, such as http://collector:4318; none: not sent"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="the least level that is written"
    )
    log_format: Literal["auto", "json", "console"] = Field(
        default="auto", description="`auto` writes JSON unless on a terminal"
    )


class ServerSettings(Settings):
    """What every listening process has; subclasses set the prefix and the port's default."""

    host: str = Field(default="127.0.0.1", description="address to listen on")
    port: Port = Field(description="port to listen on; 0 takes a free one")
    hosts: Listed = Field(
        default=(), description="names that Host may have beside loopback, comma-separated"
    )
    drain_seconds: Seconds = Field(
        default=10.0, description="how long running calls may take after SIGTERM"
    )


def environment() -> Mapping[str, str]:
    """Return the environment as it is now, for files and settings that name variables in it."""
    return MappingProxyType(dict(os.environ))  # noqa: TID251 -- the one place that reads it
