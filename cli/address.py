"""Where the gateway is, and the key for it."""

from dataclasses import dataclass

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from cli.failure import Usage
from cli.fleet.record import found
from cli.settings import places, read
from kit.settings import Settings

DEFAULT_URL = "http://127.0.0.1:8000"


class ClientSettings(Settings):
    """Every name is read as ``FLEET_<NAME>``."""

    model_config = SettingsConfigDict(env_prefix="FLEET_")

    url: str | None = Field(
        default=None, description="the gateway; none: the fleet's that is up here, else port 8000"
    )
    api_key: SecretStr | None = Field(default=None, description="our key at the gateway")


@dataclass(frozen=True, slots=True)
class Address:
    """A gateway.

    Attributes:
        url: Scheme, host and port.
        key: Sent as a bearer token.
    """

    url: str
    key: str | None = None


def gateway(url: str | None = None) -> Address:
    """Return the gateway at *url*, else of FLEET_URL, else of the fleet that is up here.

    Raises:
        Usage: it is not an HTTP address.
    """
    settings = read(ClientSettings)
    chosen = url or settings.url
    if chosen is None:
        record = found(places())
        chosen = (record.gateway if record is not None else None) or DEFAULT_URL
    if not chosen.startswith(("http://", "https://")):
        raise Usage(f"--url {chosen}: write it as http://host:port")
    key = settings.api_key.get_secret_value() if settings.api_key is not None else None
    return Address(chosen.rstrip("/"), key)
