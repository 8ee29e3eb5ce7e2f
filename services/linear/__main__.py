"""``python -m services.linear --port N``."""

from kit.run import arguments, run, serve, settings_or_exit
from kit.settings import FleetSettings
from services.linear.server import service
from services.linear.settings import LinearSettings

PROCESS = "services.linear"


def main() -> None:
    """Serve Linear's tools until a signal."""
    given = arguments(PROCESS, "The MCP server for Linear.")
    settings = settings_or_exit(LinearSettings, **given)
    fleet = settings_or_exit(FleetSettings)
    app, readiness = service(settings, fleet).build()
    serve(PROCESS, app, settings, readiness, fleet=fleet)


if __name__ == "__main__":
    run(main)
