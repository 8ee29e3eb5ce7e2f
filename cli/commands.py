"""Every command: where its code is, and the help that teaches it.

The text is here and not at the code, so that ``sophia --help`` imports no command.
"""

from dataclasses import dataclass
from typing import Final

FLEET: Final = "The fleet on this machine"
USE: Final = "Using a running gateway"
OPERATE: Final = "Understanding and connecting"


@dataclass(frozen=True, slots=True)
class Command:
    """One command.

    Attributes:
        name: What is typed after ``sophia``; a sub-command after a space.
        target: ``module:function``.
        group: Under which heading it is listed.
        summary: One line.
        details: What it does, for ``sophia NAME --help``.
        examples: Command lines, each with what it is for.
    """

    name: str
    target: str
    group: str
    summary: str
    details: str
    examples: tuple[tuple[str, str], ...]


COMMANDS: Final = (
    Command(
        "up",
        "cli.up:up",
        FLEET,
        "Start the whole fleet on this machine.",
        "Stays in the foreground: Ctrl-C stops all of it. Without LINEAR_API_KEY or "
        "ASANA_ACCESS_TOKEN in the environment that service talks to the sandbox; with it the "
        "same process talks to the vendor. FLEET_NATS_URL and FLEET_REDIS_URL replace the "
        "embedded engines. State lies under FLEET_STATE (default .state). "
        "FLEET_PROFILE=production refuses every stand-in.",
        (
            ("sophia up", "stay; Ctrl-C stops all"),
            ("sophia up --detach", "in the background; then status, logs, down"),
            ("sophia up --port gateway=8080", "one port changed"),
            ("FLEET_STATE=.two sophia up --ports auto", "a second fleet beside the first"),
        ),
    ),
    Command(
        "status",
        "cli.status:status",
        FLEET,
        "Show what runs, and which servers are up.",
        "Processes are those of the fleet in FLEET_STATE; servers are what the gateway thinks of "
        "each MCP server, or the registry while the gateway is away. Exit code 1 when something "
        "that should run does not (a process that a person stopped should not), 3 when no fleet "
        "is up.",
        (
            ("sophia status", "tables for people"),
            ("sophia status --json", "processes and servers for scripts"),
        ),
    ),
    Command(
        "down",
        "cli.down:down",
        FLEET,
        "Stop the whole fleet.",
        "Servers finish the calls that they have, then everything ends. Done already is no "
        "failure.",
        (("sophia down", "drain and stop"), ("sophia down --now", "kill, nobody drains")),
    ),
    Command(
        "logs",
        "cli.logs:logs",
        FLEET,
        "Show what processes logged.",
        "Of all processes or of those named, the last lines first, rotated files included.",
        (
            ("sophia logs", "the last lines of every process"),
            ("sophia logs linear --lines 200", "more of one"),
            ("sophia logs gateway linear --follow", "and what comes, until Ctrl-C"),
        ),
    ),
    Command(
        "stop",
        "cli.one:stop",
        FLEET,
        "Stop one process; the others go on.",
        "It stays stopped until `sophia start`. Its server is then DOWN at the gateway, and calls "
        "are answered without it.",
        (("sophia stop linear", "as if Linear were away"),),
    ),
    Command(
        "start",
        "cli.one:start",
        FLEET,
        "Start one process that was stopped.",
        "Returns once it is ready.",
        (("sophia start linear", "after sophia stop linear"),),
    ),
    Command(
        "restart",
        "cli.one:restart",
        FLEET,
        "Stop one process and start it again.",
        "Returns once it is ready. It keeps the environment that `sophia up` was started with.",
        (("sophia restart asana", "drain, stop, start"),),
    ),
    Command(
        "call",
        "cli.call:call",
        USE,
        "Run an operation, or one server's own tool.",
        "An operation (with a dot) is asked of every server that serves it; a tool's name goes "
        "through to its server. A value is JSON when it reads as JSON, else a string; := insists "
        "on JSON; a dot in a key goes one level down. Exit codes: 0 answered, also when the "
        "answer is not complete (standard error says who is missing); 1 it failed, with the "
        "error's code; 2 wrong usage; 3 no gateway.",
        (
            ("sophia call tasks.search query=billing limit=5", "all task systems at once"),
            ("sophia call tasks.get ref=task:linear:ENG-12", "one, from where it lives"),
            ("sophia call tasks.update ref=task:linear:ENG-12 set.title=New", "change one field"),
            ("sophia call tasks.search labels:='[\"bug\"]' --json", "for scripts"),
            ("sophia call --server linear linear_list_teams", "a server's own tool"),
        ),
    ),
    Command(
        "tools",
        "cli.tools:tools",
        USE,
        "List the tools that an MCP client is offered.",
        "Without options those of /mcp: the operations, and the door to everything else.",
        (
            ("sophia tools", "what /mcp offers"),
            ("sophia tools --server linear", "one server's own"),
            ("sophia tools --all comment", "of all servers, with a word"),
        ),
    ),
    Command(
        "servers",
        "cli.servers:servers",
        USE,
        "List the MCP servers behind the gateway.",
        "With tier, state, since when and why.",
        (("sophia servers", "a table"), ("sophia servers --json", "with every fact known")),
    ),
    Command(
        "explain",
        "cli.explain:explain",
        OPERATE,
        "Say where a call would go now, and why.",
        "The same pure functions decide it as for a real call; nothing is called.",
        (
            ("sophia explain tasks.search", "every candidate, in or out"),
            ("sophia explain tasks.get ref=task:asana:12", "for one ref"),
        ),
    ),
    Command(
        "simulate",
        "cli.explain:simulate",
        OPERATE,
        "Say what would change if servers were down.",
        "Nothing is taken down.",
        (
            ("sophia simulate --down linear", "one server"),
            ("sophia simulate --down linear --down asana", "two at once"),
        ),
    ),
    Command(
        "connect",
        "cli.connect:connect",
        OPERATE,
        "Connect Claude Code, Cursor or VS Code.",
        "Prints the configuration and where it goes. An API key is referred to, never written.",
        (
            ("sophia connect claude", "print it"),
            ("sophia connect cursor --write", "merge it into the file; a copy is kept"),
        ),
    ),
    Command(
        "registry validate",
        "cli.registry:validate",
        OPERATE,
        "Check a registry file: every mistake with its line.",
        "The same code reads it as in the registry. Exit code 1 when it would be refused.",
        (("sophia registry validate deploy/registry.yaml", "before you save it there"),),
    ),
    Command(
        "registry schema",
        "cli.registry:schema",
        OPERATE,
        "Print the JSON Schema of the registry file.",
        "For editors that complete and check YAML.",
        (("sophia registry schema > registry.schema.json", "for your editor"),),
    ),
)
