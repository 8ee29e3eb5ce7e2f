"""Linear's settings, read once from ``LINEAR_<NAME>``; README.md has the table."""

from pydantic import Field, HttpUrl, SecretStr
from pydantic_settings import SettingsConfigDict

from kit.settings import Port, Seconds, ServerSettings

MISSING = "set LINEAR_API_KEY (Linear: Settings > Security & access) or LINEAR_OAUTH_TOKEN"


class LinearSettings(ServerSettings):
    """Where Linear is, who we are there, and how patient we are."""

    model_config = SettingsConfigDict(env_prefix="LINEAR_")

    port: Port = Field(default=9004, description="port to listen on; 0 takes a free one")
    base_url: HttpUrl = Field(
        default=HttpUrl("https://api.linear.app/graphql"),
        description="the GraphQL endpoint; `FLEET_PROFILE=production` wants https",
    )
    api_key: SecretStr | None = Field(
        default=None, description="a personal API key; it goes before the OAuth token"
    )
    oauth_token: SecretStr | None = Field(default=None, description="an OAuth access token")
    default_team: str | None = Field(
        default=None,
        min_length=1,
        max_length=100,
        description="key or name of the team that takes new issues when no other is named",
    )
    timeout_seconds: Seconds = Field(
        default=10.0, description="for one attempt; a caller's deadline bounds it further"
    )
    names_ttl_seconds: Seconds = Field(
        default=300.0, description="how long a looked-up team, person, label or project is kept"
    )

    @property
    def authorization(self) -> str | None:
        """The header's value: an API key goes bare, an OAuth token as Bearer."""
        if self.api_key is not None:
            return self.api_key.get_secret_value()
        if self.oauth_token is not None:
            return f"Bearer {self.oauth_token.get_secret_value()}"
        return None
