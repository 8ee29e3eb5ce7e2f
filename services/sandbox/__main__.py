"""``python -m services.sandbox --port N``."""

from kit.health import Readiness
from kit.run import StartFailed, arguments, run, serve, settings_or_exit
from kit.settings import FleetSettings
from services.sandbox.app import build
from services.sandbox.connections import ResettableProtocol
from services.sandbox.settings import SandboxSettings

PROCESS = "services.sandbox"


def main() -> None:
    """Serve the sandbox; refuse to where only the real thing is wanted.

    Raises:
        StartFailed: the profile is production.
    """
    given = arguments(PROCESS, "The vendors' stand-in: Linear and Asana on one made-up company.")
    settings = settings_or_exit(SandboxSettings, **given)
    fleet = settings_or_exit(FleetSettings)
    if fleet.profile == "production":
        raise StartFailed(
            f"{PROCESS}: FLEET_PROFILE=production refuses stand-ins; "
            "give the services the vendors' addresses and tokens instead"
        )
    readiness = Readiness([])
    app = build(settings, readiness)
    serve(PROCESS, app, settings, readiness, fleet=fleet, http=ResettableProtocol)


if __name__ == "__main__":
    run(main)
