"""``python -m gateway --registry FILE --port N``: the gateway as a process."""

from gateway.app import build
from gateway.settings import GatewaySettings
from kit.run import parser_for, run, serve, settings_or_exit
from kit.settings import FleetSettings
from registry.client import open_source


def main() -> None:
    """Read the settings, build the gateway, serve until a signal."""
    parser = parser_for(
        "gateway",
        "One MCP endpoint in front of every server of the fleet: routes by capability, checks "
        "health, merges, fails over between equivalents, and says where answers come from.",
    )
    parser.add_argument(
        "--registry", help="a registry process, grpc://host:port, or a YAML file that is watched"
    )
    given = {name: value for name, value in vars(parser.parse_args()).items() if value is not None}
    fleet = settings_or_exit(FleetSettings)
    settings = settings_or_exit(GatewaySettings, **given)
    app = build(settings, open_source(settings.registry))
    serve("gateway", app, settings, app.readiness, fleet=fleet, http=app.protocol)


if __name__ == "__main__":
    run(main)
