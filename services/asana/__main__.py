"""``python -m services.asana --port N``."""

from kit.run import arguments, run, serve, settings_or_exit
from kit.settings import FleetSettings
from services.asana.server import service
from services.asana.settings import AsanaSettings

PROCESS = "services.asana"


def main() -> None:
    """Serve Asana's tools until a signal."""
    given = arguments(PROCESS, "The MCP server for Asana.")
    settings = settings_or_exit(AsanaSettings, **given)
    fleet = settings_or_exit(FleetSettings)
    app, readiness = service(settings, fleet).build()
    serve(PROCESS, app, settings, readiness, fleet=fleet)


if __name__ == "__main__":
    run(main)
