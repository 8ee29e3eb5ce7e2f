"""The registry process's settings."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from kit.settings import Port, ServerSettings


class RegistrySettings(ServerSettings):
    """Every name is read as ``REGISTRY_<NAME>``."""

    model_config = SettingsConfigDict(env_prefix="REGISTRY_")

    port: Port = Field(default=9101, description="HTTP: health, metrics, a summary")
    grpc_port: Port = Field(default=9100, description="gRPC; 0 takes a free one")
    file: Path = Field(default=Path("deploy/registry.yaml"), description="the registry file")
