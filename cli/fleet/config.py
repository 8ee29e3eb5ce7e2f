"""The supervisor's configuration, as text."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from cli.fleet.places import Places
from cli.fleet.plan import Planned
from cli.fleet.processes import Layer

START_SECONDS: Final = 3
"""A process that ends sooner is restarted with back-off: one second more each time."""
START_RETRIES: Final = 60
"""Half an hour of back-off; then a person has to look."""
STOP_SECONDS: Final = 15
"""From SIGTERM to SIGKILL; a service drains for 10 s at most."""

KEEP: Final = b"keep"
"""Said to the supervisor's process: live on when whoever started you is gone."""


def group(layer: Layer) -> str:
    """Return the name of the supervisor's group for *layer*."""
    return layer.name.lower()


def text(
    processes: Sequence[Planned], places: Places, *, socket: Path, root: Path, leash: Sequence[str]
) -> str:
    """Return the configuration.

    Args:
        processes: What is to run.
        places: Where logs go.
        socket: Where the supervisor listens.
        root: The working directory of the processes.
        leash: Put before each command.
    """
    sections = [
        _section("unix_http_server", file=socket, chmod="0700"),
        _section(
            "supervisord",
            nodaemon="true",
            silent="true",
            identifier="sophia",
            directory=root,
            logfile=places.journal,
            logfile_maxbytes="1MB",
            logfile_backups=1,
            loglevel="info",
            pidfile=places.pid,
        ),
        _section(
            "rpcinterface:supervisor",
            **{
                "supervisor.rpcinterface_factory": (
                    "supervisor.rpcinterface:make_main_rpcinterface"
                )
            },
        ),
    ]
    for layer in Layer:
        names = [each.name for each in processes if each.layer is layer]
        if names:
            sections.append(
                _section(f"group:{group(layer)}", programs=",".join(names), priority=int(layer))
            )
    sections += [_program(each, places, root, leash) for each in processes]
    return "\n".join(sections)


def _program(process: Planned, places: Places, root: Path, leash: Sequence[str]) -> str:
    return _section(
        f"program:{process.name}",
        command=shlex.join([*leash, *process.command]),
        directory=root,
        environment=",".join(f'{name}=""' for name in process.hidden),
        autostart="true",
        autorestart="true",
        startsecs=START_SECONDS,
        startretries=START_RETRIES,
        stopsignal="TERM",
        stopwaitsecs=STOP_SECONDS,
        killasgroup="true",
        redirect_stderr="true",
        stdout_logfile=places.log(process.name),
        stdout_logfile_maxbytes="10MB",
        stdout_logfile_backups=3,
    )


def _section(name: str, /, **values: object) -> str:
    # A percent sign opens an expansion there; doubled, it is one.
    lines = [f"{key} = {str(value).replace('%', '%%')}" for key, value in values.items()]
    return "\n".join([f"[{name}]", *lines, ""])
