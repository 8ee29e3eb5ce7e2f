"""``sophia up``: start the fleet, see that it is ready, stay until told to go."""

import importlib.util
import threading
import time
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final, Literal

from cli import show
from cli.failure import INTERRUPTED, Failure
from cli.fleet import ports as portbook
from cli.fleet.config import START_RETRIES
from cli.fleet.journal import Happening, happenings
from cli.fleet.launch import ROOT, Launched, launch
from cli.fleet.lock import seized
from cli.fleet.look import look
from cli.fleet.places import Places
from cli.fleet.plan import Given, Plan, environment_names, needed_programs, plan
from cli.fleet.processes import default_ports
from cli.fleet.programs import FINDERS, need_supervisor
from cli.fleet.record import found, lives
from cli.fleet.waiting import Interrupted, Late, Waiting
from cli.overview import overview
from cli.progress import Starting
from cli.serving import STEP, await_servers, expected
from cli.settings import read
from cli.signals import listen
from kit.settings import FleetSettings, environment
from services.sandbox.settings import SandboxSettings

REGISTRY: Final = ROOT / "deploy" / "registry.yaml"


def up(
    *,
    detach: bool = False,
    ports: Literal["default", "auto"] = "default",
    port: tuple[str, ...] = (),
    only: tuple[str, ...] = (),
    registry: Path | None = None,
    wait: float = 60.0,
    json: bool = False,
) -> int:
    """Start the fleet.

    Args:
        detach: Return once all is ready, and leave it running.
        ports: `auto` takes free ports for all.
        port: NAME=N, for one port; may be given several times.
        only: Start this process only; may be given several times.
        registry: The registry file (deploy/registry.yaml).
        wait: Seconds within which all must be ready.
        json: Print what runs as JSON, in the form of `sophia status --json`.
    """
    settings = read(FleetSettings)
    places = Places.of(settings.state)
    if lives(places):
        raise _already(places)
    need_supervisor()
    numbers = portbook.chosen(
        port, portbook.free(default_ports()) if ports == "auto" else default_ports()
    )
    todo = _plan(settings, places, numbers, only, registry or REGISTRY)
    taken = portbook.taken(todo.ports)
    if taken:
        raise Failure("\n".join(taken))
    places.create()
    lock = seized(places.lock)
    if lock is None:
        raise _already(places)
    requests = listen()
    launched = launch(todo, places, settings.profile, environment(), lock)
    kept = False
    try:
        code = _wait(launched, places, requests.stop, wait)
        _tell(launched, places, as_json=json, detach=detach)
        if detach:
            launched.keep()
            kept = True
            return code
        return _stay(launched, requests.stop)
    except Interrupted:
        return INTERRUPTED if detach else 0
    finally:
        if not kept:
            show.note("stopping")
            launched.end(requests.force)


def _already(places: Places) -> Failure:
    record = found(places)
    since = f" since {record.started_at.astimezone():%H:%M}" if record else ""
    return Failure(
        f"a fleet is already up in {places.state}{since}: see `sophia status`, stop it with "
        "`sophia down`, or set FLEET_STATE to run another beside it"
    )


def _plan(
    settings: FleetSettings,
    places: Places,
    numbers: Mapping[str, int],
    only: Collection[str],
    registry: Path,
) -> Plan:
    around = environment()
    present = {name for name in environment_names() if around.get(name)}
    if not registry.exists():
        raise Failure(f"--registry {registry}: there is no such file")
    todo = plan(
        Given(
            production=settings.profile == "production",
            present=present,
            ports=numbers,
            programs={name: FINDERS[name]() for name in needed_programs(only, present)},
            tokens=_tokens(),
            state=places.state,
            registry=registry.absolute(),
            only=only,
        )
    )
    for each in todo.processes:
        module = each.command[each.command.index("-m") + 1] if "-m" in each.command else None
        if module and importlib.util.find_spec(module) is None:
            raise Failure(f"{each.name} cannot start: there is no module {module}")
    return todo


def _tokens() -> dict[str, str]:
    """Return the sandbox's tokens as its settings have them, without asking it."""
    return {
        name: value
        for name, value in read(SandboxSettings).model_dump().items()
        if name.endswith("_token")
    }


def _wait(launched: Launched, places: Places, stop: threading.Event, limit: float) -> int:
    """Return 0 once all is ready, 1 if something lives and is not ready in time."""
    record = launched.record
    further = [STEP] if expected(record) else []
    with Starting([*(each.name for each in record.processes), *further]) as progress:
        waiting = Waiting(
            processes=record.processes,
            places=places,
            journal=launched.journal,
            stop=stop,
            told=progress.ready,
            tick=launched.check,
        )
        began = time.monotonic()
        try:
            waiting.wait(limit)
        except Late as late:
            show.note(str(late))
            return 1
        unused = await_servers(record, stop)
        if further and not unused:
            progress.ready(STEP, time.monotonic() - began)
    for line in unused:
        show.note(line)
    return 0


def _tell(launched: Launched, places: Places, *, as_json: bool, detach: bool) -> None:
    seen = look(launched.record, places)
    if as_json:
        show.as_json({"processes": [each.as_json() for each in seen], "servers": []})
        return
    overview(seen, launched.record)
    show.line("stop it with `sophia down`" if detach else "Ctrl-C stops all of it")


def _stay(launched: Launched, stop: threading.Event) -> int:
    """Show what happens to the processes until told to end; return the exit code."""
    while not stop.wait(0.5):
        for each in happenings(launched.journal):
            show.note(_said(each))
        code = launched.ended()
        if code is not None:
            if code == 0:
                show.note("the fleet was stopped")
                return 0
            launched.check()
    return 0


def _said(happening: Happening) -> str:
    name, detail = happening.name, happening.detail
    match happening.what:
        case "ended":
            return f"{name} died ({detail}); it is restarted"
        case "given up":
            return (
                f"{name} is not restarted any more after {START_RETRIES} tries: see "
                f"`sophia logs {name}`, then `sophia start {name}`"
            )
        case what:
            return f"{name} {what} ({detail})"
