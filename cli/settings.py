"""Settings for commands: a mistake in the environment is one line."""

from typing import TypeVar

from pydantic import ValidationError

from cli.failure import Usage
from cli.fleet.places import Places
from kit.settings import FleetSettings, Settings

SettingsT = TypeVar("SettingsT", bound=Settings)


def read(kind: type[SettingsT]) -> SettingsT:
    """Return the settings of *kind* from the environment.

    Raises:
        Usage: a value is wrong; each is named.
    """
    try:
        return kind()
    except ValidationError as error:
        prefix = kind.model_config.get("env_prefix", "")
        told = (
            f"{prefix}{'_'.join(str(part) for part in each['loc']).upper()}: {each['msg']}"
            for each in error.errors()
        )
        raise Usage("; ".join(told)) from error


def places() -> Places:
    """Return where the fleet of FLEET_STATE keeps things."""
    return Places.of(read(FleetSettings).state)
