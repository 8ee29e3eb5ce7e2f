"""The supervisor's configuration, read back by the supervisor's own reader."""

from pathlib import Path

import pytest
from supervisor.options import ServerOptions

from cli.fleet.config import text
from cli.fleet.places import Places
from cli.fleet.plan import Planned
from cli.fleet.processes import Asked, Layer


@pytest.fixture(params=["plain", "all of 'it', \"quoted\" and größer"])
def places(request: pytest.FixtureRequest, tmp_path: Path) -> Places:
    found = Places.of(tmp_path / request.param)
    found.create()
    return found


def read(processes: list[Planned], places: Places) -> ServerOptions:
    places.config.write_text(
        text(
            processes,
            places,
            socket=places.state / "s.sock",
            root=places.state,
            leash=["/usr/bin/leash", "on"],
        ),
        encoding="utf-8",
    )
    options = ServerOptions()
    options.realize(["-c", str(places.config)], doc="")
    return options


def process(name: str, layer: Layer, *arguments: str) -> Planned:
    return Planned(
        name=name,
        layer=layer,
        port=1,
        command=("/bin/run", *arguments),
        asked=Asked.HTTP,
        hidden=("OTHERS_KEY",),
    )


def test_commands_arrive_word_by_word(places: Places) -> None:
    words = ("--dir", str(places.state), "100%", "it's")
    options = read([process("one", Layer.SERVICE, *words)], places)
    ((config,),) = (group.process_configs for group in options.process_group_configs)
    made = config.make_process()
    # The supervisor splits a command as it is about to run it; a file that is not there stops it.
    config.command = config.command.replace("/usr/bin/leash", "/bin/sh")
    assert made.get_execv_args()[1] == ["/bin/sh", "on", "/bin/run", *words]


def test_a_process_comes_back_and_its_log_is_rotated(places: Places) -> None:
    options = read([process("one", Layer.SERVICE)], places)
    ((config,),) = (group.process_configs for group in options.process_group_configs)
    assert config.autostart
    assert config.autorestart is not False
    assert config.startsecs == 3
    assert config.stdout_logfile == str(places.log("one"))
    assert config.stdout_logfile_maxbytes == 10 * 1024 * 1024
    assert config.stdout_logfile_backups == 3
    assert config.redirect_stderr
    assert config.environment == {"OTHERS_KEY": ""}


def test_the_edge_is_stopped_first_and_engines_last(places: Places) -> None:
    processes = [
        process("gateway", Layer.EDGE),
        process("nats", Layer.ENGINE),
        process("linear", Layer.SERVICE),
        process("asana", Layer.SERVICE),
    ]
    options = read(processes, places)
    groups = sorted(options.process_group_configs, key=lambda each: each.priority)
    assert [each.name for each in groups] == ["engine", "service", "edge"]
    assert {each.name for each in groups[1].process_configs} == {"linear", "asana"}
