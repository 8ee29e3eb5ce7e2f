"""How a command ends when it cannot do what was asked: one line and an exit code.

Exit codes of every command: 0 done; 1 it failed, or something that should run does not;
2 wrong usage; 3 nobody answers (no fleet is up, or the gateway is away).
"""

from typing import ClassVar, Final

INTERRUPTED: Final = 130
"""Exit code of a command that a person did not let come to its end."""


class Failure(Exception):
    """It failed; the message is for a person and names what to do."""

    exit_code: ClassVar[int] = 1


class Usage(Failure):
    """What was typed is wrong."""

    exit_code = 2


class Away(Failure):
    """Nobody answers there."""

    exit_code = 3
