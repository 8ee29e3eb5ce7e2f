"""The sandbox's settings; README.md has the same table."""

from typing import Literal

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from kit.settings import Port, ServerSettings

GENEROUS_FACTOR = 1000
"""What `SANDBOX_LIMITS=generous` multiplies every limit by."""
FREE_PER_MINUTE, PAID_PER_MINUTE = 150, 1500  # https://developers.asana.com/docs/rate-limits


class SandboxSettings(ServerSettings):
    """Every name is read as ``SANDBOX_<NAME>``."""

    model_config = SettingsConfigDict(env_prefix="SANDBOX_")

    port: Port = Field(default=9200, description="port to listen on; 0 takes a free one")
    seed: int = Field(default=1, description="which company; the same seed, the same company")
    limits: Literal["vendor", "generous"] = Field(
        default="vendor", description="`generous` allows a thousand times as much as each limit"
    )
    linear_token: str = Field(
        default="lin_api_sandbox-linear-token",
        min_length=1,
        description="Linear API key, sent bare in `Authorization`",
    )
    linear_oauth_token: str = Field(
        default="sandbox-linear-oauth-token",
        min_length=1,
        description="Linear OAuth token, sent as `Bearer`",
    )
    linear_requests_per_hour: int = Field(
        default=5000, ge=1, description="requests that one Linear token may send"
    )
    linear_points_per_hour: int = Field(
        default=3_000_000, ge=1, description="complexity points of the Linear API key"
    )
    linear_oauth_points_per_hour: int = Field(
        default=2_000_000, ge=1, description="complexity points of the Linear OAuth token"
    )
    linear_searches_per_minute: int = Field(
        default=30, ge=1, description="`searchIssues` that one Linear token may send"
    )
    linear_points_per_query: int = Field(
        default=10_000, ge=1, description="complexity points of one Linear query"
    )
    asana_token: str = Field(
        default="sandbox-asana-token",
        min_length=1,
        description="Asana personal access token; it does not see `external`",
    )
    asana_oauth_token: str = Field(
        default="sandbox-asana-oauth-token",
        min_length=1,
        description="Asana OAuth token; it sees `external`",
    )
    asana_plan: Literal["paid", "free"] = Field(
        default="paid", description="`free` answers task search with 402 and allows less a minute"
    )
    asana_requests_per_minute: int | None = Field(
        default=None, ge=1, description="requests of one Asana token; none: 1500 paid, 150 free"
    )
    asana_search_per_minute: int = Field(
        default=60, ge=1, description="task searches that one Asana token may send"
    )
    asana_concurrent_reads: int = Field(
        default=50, ge=1, description="Asana GET requests under way at once"
    )
    asana_concurrent_writes: int = Field(
        default=15, ge=1, description="Asana requests under way at once that are not GET"
    )
    asana_search_lag_seconds: float = Field(
        default=0.0, ge=0, le=3600, description="how late Asana's task search sees a change"
    )

    def allowed(self, limit: int) -> int:
        """Return *limit* as it is to be applied."""
        return limit * GENEROUS_FACTOR if self.limits == "generous" else limit

    @property
    def asana_per_minute(self) -> int:
        """Return the plan's requests a minute, where none were set."""
        plan = FREE_PER_MINUTE if self.asana_plan == "free" else PAID_PER_MINUTE
        return self.asana_requests_per_minute or plan
