"""What is to run: the catalogue of processes, made concrete for one fleet. Pure."""

import shlex
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cli.failure import Failure, Usage
from cli.fleet.processes import PROCESSES, SANDBOX, Asked, Layer, Process

SANDBOXED = "sandbox"
REAL = "vendor"


@dataclass(frozen=True, slots=True)
class Given:
    """What the fleet is made from.

    Attributes:
        production: Stand-ins are refused.
        present: Names of the environment that are set: credentials and engines' addresses.
        ports: By name, every one.
        programs: Paths by name, for the commands.
        tokens: The sandbox's, by the field of its settings.
        state: The state folder, absolute.
        registry: The registry file, absolute.
        only: Process names; empty: all.
    """

    production: bool
    present: Collection[str]
    ports: Mapping[str, int]
    programs: Mapping[str, str]
    tokens: Mapping[str, str]
    state: Path
    registry: Path
    only: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Planned:
    """One process that is to run.

    Attributes:
        name: Its name.
        layer: When it is stopped.
        port: Where it listens.
        command: Its argument vector.
        asked: How it is asked whether it is ready.
        hidden: Environment names whose values are others' credentials.
        talks_to: ``sandbox`` or ``vendor``, for a service with a vendor.
    """

    name: str
    layer: Layer
    port: int
    command: tuple[str, ...]
    asked: Asked
    hidden: tuple[str, ...] = ()
    talks_to: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """One fleet that is to run.

    Attributes:
        processes: In the order in which people read them.
        environment: What all of them get beside ours.
        ports: Those that are listened on, by name.
    """

    processes: tuple[Planned, ...]
    environment: Mapping[str, str]
    ports: Mapping[str, int] = field(default_factory=dict)


def environment_names() -> tuple[str, ...]:
    """Return the environment names that decide what is run."""
    engines = [each.replaced_by for each in PROCESSES if each.replaced_by]
    defaults = [name for each in PROCESSES for name in each.defaults]
    return (*engines, *_credentials(), *defaults)


def plan(given: Given) -> Plan:
    """Return what is to run.

    Raises:
        Usage: ``only`` names a process that is not there.
        Failure: production, and something that a stand-in would do is not set.
    """
    _check_names(given.only)
    _check_production(given)
    chosen = tuple(each for each in PROCESSES if _wanted(each, given))
    names = [each.name for each in chosen]
    sandboxed = {each.name for each in chosen if _sandboxed(each, given)}
    environment = {"FLEET_STATE": str(given.state)}
    ports = {}
    for each in chosen:
        ports[each.name] = given.ports[each.name]
        ports |= {name: given.ports[name] for name in each.more_ports}
        for name, value in each.exports.items():
            environment[name] = _filled(value, each, given)
        environment |= {k: v for k, v in each.defaults.items() if k not in given.present}
        if each.vendor is not None and each.name in sandboxed:
            sandbox = f"http://127.0.0.1:{given.ports[SANDBOX]}"
            environment[each.vendor.credentials[0]] = given.tokens[each.vendor.sandbox_token]
            environment[each.vendor.base_url] = sandbox + each.vendor.sandbox_path
    processes = tuple(
        Planned(
            name=each.name,
            layer=each.layer,
            port=given.ports[each.name],
            command=tuple(_filled(part, each, given) for part in shlex.split(each.command)),
            asked=each.asked,
            hidden=tuple(
                name
                for name in _credentials()
                if each.vendor is None or name not in each.vendor.credentials
            ),
            talks_to=_talks_to(each, sandboxed),
        )
        for each in chosen
    )
    if SANDBOX not in names and sandboxed:
        raise Usage(f"{', '.join(sorted(sandboxed))} need the sandbox: add it to --only")
    return Plan(processes, environment, ports)


def needed_programs(given_only: Collection[str], present: Collection[str]) -> set[str]:
    """Return the names of the programs that the commands of this fleet use."""
    used = [
        each.command
        for each in PROCESSES
        if (not given_only or each.name in given_only) and each.replaced_by not in present
    ]
    return {
        name
        for name in ("python", "nats-server", "redis-server")
        if any(f"{{{name}}}" in command for command in used)
    }


def _check_names(only: Collection[str]) -> None:
    names = [each.name for each in PROCESSES]
    unknown = sorted(set(only) - set(names))
    if unknown:
        raise Usage(f"no process is called {unknown[0]!r}; there are {', '.join(names)}")


def _check_production(given: Given) -> None:
    if not given.production:
        return
    missing = []
    for each in PROCESSES:
        if given.only and each.name not in given.only:
            continue
        if each.replaced_by is not None and each.replaced_by not in given.present:
            missing.append(each.replaced_by)
        if each.vendor is not None and _sandboxed(each, given):
            missing.append(" or ".join(each.vendor.credentials))
    if missing:
        raise Failure(
            "FLEET_PROFILE=production runs no embedded engine and no sandbox: "
            f"set {', '.join(missing)}"
        )


def _wanted(process: Process, given: Given) -> bool:
    if given.only and process.name not in given.only:
        return False
    if process.replaced_by in given.present or (given.production and process.stand_in):
        return False
    if process.name == SANDBOX and not given.only:
        return any(_sandboxed(each, given) for each in PROCESSES)
    return True


def _sandboxed(process: Process, given: Given) -> bool:
    vendor = process.vendor
    return vendor is not None and not any(name in given.present for name in vendor.credentials)


def _talks_to(process: Process, sandboxed: Collection[str]) -> str | None:
    if process.vendor is None:
        return None
    return SANDBOXED if process.name in sandboxed else REAL


def _credentials() -> tuple[str, ...]:
    vendors = (each.vendor for each in PROCESSES)
    return tuple(name for vendor in vendors if vendor is not None for name in vendor.credentials)


def _filled(template: str, process: Process, given: Given) -> str:
    return template.format_map(
        {
            **given.programs,
            "port": given.ports[process.name],
            "ports": given.ports,
            "state": given.state,
            "registry": given.registry,
        }
    )
