"""Settings of the Asana server; README.md has the table."""

from typing import Literal

from pydantic import Field, HttpUrl, SecretStr
from pydantic_settings import SettingsConfigDict

from kit.settings import Port, Seconds, ServerSettings

MISSING = "set ASANA_ACCESS_TOKEN (Asana: Settings > Apps > Developer apps > Access tokens)"


class AsanaSettings(ServerSettings):
    """Every name is read as ``ASANA_<NAME>``."""

    model_config = SettingsConfigDict(env_prefix="ASANA_")

    port: Port = Field(default=3006, description="port to listen on; 0 takes a free one")
    base_url: HttpUrl = Field(
        default=HttpUrl("https://app.asana.com/api/1.0"),
        description="Asana's API; production takes https only",
    )
    access_token: SecretStr | None = Field(
        default=None, description="personal access token or OAuth token; none: calls are refused"
    )
    app: Literal["personal", "oauth"] = Field(
        default="personal",
        description="`oauth` when the token is an OAuth app's: keys become external ids",
    )
    workspace: str | None = Field(
        default=None, description="workspace gid or name; none: the token's only one"
    )
    default_project: str | None = Field(
        default=None, description="project gid or name for tasks created without one"
    )
    timeout_seconds: Seconds = Field(default=10.0, description="for one request to Asana")
    names_ttl_seconds: Seconds = Field(
        default=300.0, description="how long names of people, projects, tags, ... are reused"
    )
    search_requests: int = Field(
        default=5, ge=1, le=20, description="most requests to Asana for one page of answers"
    )
    remembered_hours: float = Field(
        default=24.0, gt=0, le=720, description="how far back a repeated write is looked for"
    )
