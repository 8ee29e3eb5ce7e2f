"""``python -m registry --registry FILE --grpc-port N --port N``."""

from kit.run import parser_for, run, serve, settings_or_exit
from kit.settings import FleetSettings
from registry.app import build
from registry.settings import RegistrySettings


def main() -> None:
    """Serve the registry until a signal."""
    parser = parser_for(
        "registry",
        "Knows which MCP servers there are and how they are: reads the registry file, takes "
        "registrations, probes, and tells the gateways.",
    )
    parser.add_argument("--registry", dest="file", help="the registry file; it is watched")
    parser.add_argument("--grpc-port", type=int, help="port for gRPC; 0 takes a free one")
    given = {name: value for name, value in vars(parser.parse_args()).items() if value is not None}
    shared = settings_or_exit(FleetSettings)
    settings = settings_or_exit(RegistrySettings, **given)
    app, readiness = build(settings, shared)
    serve("registry", app, settings, readiness, fleet=shared)


if __name__ == "__main__":
    run(main)
