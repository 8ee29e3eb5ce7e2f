"""``sophia registry``: check a registry file, print its schema."""

from pathlib import Path

from cli import show
from cli.failure import Failure
from kit.settings import environment
from registry.load import load
from registry.mistakes import RegistryInvalid
from registry.schema import schema as registry_schema


def validate(file: Path, /, *, json: bool = False) -> int:
    """Check a registry file.

    Args:
        file: The YAML file.
        json: Print the verdict, with every mistake, as JSON.
    """
    try:
        document = load(file, environment())
    except RegistryInvalid as error:
        if not json:
            raise Failure("\n".join(error.lines)) from error
        show.as_json({"valid": False, "servers": [], "mistakes": list(error.lines)})
        return 1
    names = [server.name for server in document.servers]
    if json:
        show.as_json({"valid": True, "servers": names, "mistakes": []})
    else:
        count = "1 server" if len(names) == 1 else f"{len(names)} servers"
        show.line(f"{file} is valid: {count} ({', '.join(names)})")
    return 0


def schema(*, json: bool = True) -> int:
    """Print the JSON Schema of the registry file.

    Args:
        json: It is always JSON; the option is there so that every command has it.
    """
    del json
    show.as_json(registry_schema())
    return 0
