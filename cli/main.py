"""The command ``sophia``. A command's module is imported when it is used."""

import sys
from collections.abc import Sequence
from typing import Final

from cyclopts import App, CycloptsError, Group, Parameter

from cli.commands import COMMANDS, FLEET, OPERATE, USE, Command
from cli.failure import INTERRUPTED, Failure
from kit.errors import FleetError

_USAGE: Final = 2
_FAILED: Final = 1
_GROUPS: Final = {
    title: Group(title, sort_key=place) for place, title in enumerate((FLEET, USE, OPERATE), 1)
}


def build() -> App:
    """Return the command line with every command of ``cli.commands``."""
    root = App(
        name="sophia",
        help="Run and use Sophia's fleet of MCP servers. Start with `sophia up`.",
        help_epilogue="The gateway is --url, else FLEET_URL, else that of the fleet which is up "
        "here; FLEET_API_KEY is sent to it. Exit codes: 0 done; 1 it failed, or something that "
        "should run does not; 2 wrong usage; 3 nobody answers.",
        version_flags=[],
        default_parameter=Parameter(negative="", show_default=lambda value: value or None),
    )
    families: dict[str, App] = {}
    for place, each in enumerate(COMMANDS):
        family, _, name = each.name.rpartition(" ")
        parent = root
        if family:
            if family not in families:
                families[family] = App(name=family, group=_GROUPS[each.group], version_flags=[])
                root.command(families[family])
            parent = families[family]
        parent.command(
            each.target,
            name=name,
            group=_GROUPS[each.group] if not family else None,
            sort_key=place,
            help=f"{each.summary}\n\n{each.details}",
            help_epilogue=_examples(each),
        )
    return root


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line *argv*; return its exit code."""
    try:
        result = build()(argv, exit_on_error=False, print_error=False, result_action="return_value")
    except CycloptsError as error:
        return _fail(f"{error} See --help.", _USAGE)
    except Failure as error:
        return _fail(str(error), error.exit_code)
    except FleetError as error:
        return _fail(f"{error.code}: {error.message}", _FAILED)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output left; nobody is there to be told
        return 0
    return result if isinstance(result, int) else 0


def _examples(command: Command) -> str:
    width = max(len(line) for line, _ in command.examples)
    lines = [f"    {line.ljust(width)}   # {why}" for line, why in command.examples]
    return "Examples:\n\n" + "\n".join(lines)


def _fail(line: str, code: int) -> int:
    print(line, file=sys.stderr)
    return code
