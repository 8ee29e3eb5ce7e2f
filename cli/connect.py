"""``sophia connect``: a client's configuration for this gateway, printed or written."""

import contextlib
import json as jsonlib
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from cli import show
from cli.address import gateway
from cli.clients import CLIENTS, KEY_NAME, Client, merged
from cli.failure import Failure


def connect(
    client: Literal["claude", "cursor", "vscode"],
    /,
    *,
    write: bool = False,
    name: str = "sophia",
    file: Path | None = None,
    url: str | None = None,
    json: bool = False,
) -> int:
    """Connect an MCP client.

    Args:
        client: Which one.
        write: Put the entry into the client's file; what else is there stays, and a copy of
            the file as it was is kept beside it.
        name: What the server is called in the client.
        file: The client's file, where it is not at its usual place.
        url: The gateway (the fleet's that is up here).
        json: Print the file's path and the block as JSON.
    """
    chosen = CLIENTS[client]
    address = gateway(url)
    block = chosen.block(name, f"{address.url}/mcp", keyed=address.key is not None)
    path = file or chosen.path
    backup = _write(path, block) if write else None
    if json:
        show.as_json({"file": str(path), "block": block, "written": write, "backup": backup})
        return 0
    if write:
        show.line(f"written to {path}" + (f"; as it was: {backup}" if backup else ""))
    else:
        show.line(f"{chosen.title}: put this into {path} (or let --write do it)")
        show.line(jsonlib.dumps(block, indent=2))
    _hints(chosen, name, f"{address.url}/mcp", keyed=address.key is not None)
    return 0


def _hints(client: Client, name: str, url: str, *, keyed: bool) -> None:
    if client.title == "Claude Code":
        header = f' --header "Authorization: Bearer ${KEY_NAME}"' if keyed else ""
        show.note(
            f"the same for all your folders: claude mcp add -s user -t http {name} {url}{header}"
        )
    if keyed and not client.inputs:
        show.note(f"{client.title} reads the key from {KEY_NAME} in its own environment")
    show.note(f"then {client.after}")


def _write(path: Path, block: dict[str, Any]) -> str | None:
    """Merge *block* into the file at *path*; return the path of the copy made before, if any.

    Raises:
        Failure: the file is not what we can change without loss.
    """
    backup = None
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        result = merged(_parsed(text), block)
        if text:
            backup = path.with_name(f"{path.name}.{datetime.now(UTC):%Y%m%dT%H%M%S}.bak")
            shutil.copy2(path, backup)
        _replace(path, jsonlib.dumps(result, indent=2, ensure_ascii=False) + "\n")
    except ValueError as error:
        raise Failure(
            f"{path} is not plain JSON ({error}), so it is left as it is: add the block by hand"
        ) from error
    except TypeError as error:
        raise Failure(f"{path}: {error}, so it is left as it is") from error
    except OSError as error:
        raise Failure(f"{path}: {error.strerror}") from error
    return str(backup) if backup else None


def _parsed(text: str) -> dict[str, Any]:
    """Return the object in *text*; a file without content is an empty one.

    Raises:
        ValueError: it is not JSON.
        TypeError: it is JSON, and no object.
    """
    present = jsonlib.loads(text) if text.strip() else {}
    if not isinstance(present, dict):
        raise TypeError("it is not a JSON object")
    return present


def _replace(path: Path, text: str) -> None:
    """Write *text* whole or not at all; a link stays one, and so does the file's mode."""
    target = path.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    draft.write_text(text, encoding="utf-8")
    with contextlib.suppress(FileNotFoundError):
        shutil.copymode(target, draft)
    draft.replace(target)
