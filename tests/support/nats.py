"""A real NATS server from its wheel, on a port of its own."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SERVER = str(Path(sys.executable).parent / "nats-server")


@contextmanager
def nats_server(store: Path, port: int = -1) -> Iterator[str]:
    """Run nats-server with JetStream under *store* and yield its URL."""
    command = [SERVER, "-a", "127.0.0.1", "-p", str(port), "-js", "-sd", str(store)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, encoding="utf-8") as process:
        assert process.stderr is not None
        try:
            log = iter(process.stderr)
            found = next(m[1] for line in log if (m := re.search(r"connections on .*:(\d+)", line)))
            next(line for line in log if "Server is ready" in line)
            yield f"nats://127.0.0.1:{found}"
        finally:
            process.terminate()
