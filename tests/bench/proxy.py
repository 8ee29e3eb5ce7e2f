"""The gateway beside nginx and beside the upstream itself: one call, passed through, one run.

``python -m tests.bench.proxy``. Needs ``wrk`` and ``nginx`` on PATH (Debian packages of those
names): a measurement without its baseline says nothing, so without them it fails. Policies
are as they are by default: principal, deadline, bulkhead, breaker, metrics, one line a call.
Loopback only; bounded in time.
"""

import contextlib
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import yaml
from rich.console import Console
from rich.table import Table

ROUNDS = 5
SECONDS = 3
CONNECTIONS = (1, 16, 128)
BODY = (
    '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"echo",'
    '"arguments":{"words":"hello"},"_meta":{'
    '"io.modelcontextprotocol/protocolVersion":"2026-07-28",'
    '"io.modelcontextprotocol/clientCapabilities":{}}}}'
)
SCRIPT = f"""
wrk.method = "POST"
wrk.headers["content-type"] = "application/json"
wrk.headers["accept"] = "application/json, text/event-stream"
wrk.headers["mcp-protocol-version"] = "2026-07-28"
wrk.headers["mcp-method"] = "tools/call"
wrk.headers["mcp-name"] = "echo"
wrk.body = '{BODY}'
"""
NGINX = """
worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.err;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
  uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
  upstream mcp {{ server 127.0.0.1:{upstream}; keepalive 256; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://mcp; proxy_http_version 1.1; proxy_set_header Connection "";
    }}
  }}
}}
"""


@dataclass(frozen=True, slots=True)
class Run:
    """What wrk measured.

    Attributes:
        rate: Calls a second.
        p50: Milliseconds.
        p99: Milliseconds.
    """

    rate: float
    p50: float
    p99: float


def free_port() -> int:
    """Return a port that nobody uses."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port: int = sock.getsockname()[1]
        return port


@contextlib.contextmanager
def started(command: list[str], url: str) -> Generator["subprocess.Popen[bytes]"]:
    """Run *command* until the block ends; yield once *url* answers."""
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            while True:
                if process.poll() is not None:
                    sys.exit(f"{command[0]} ended with {process.returncode}")
                with contextlib.suppress(httpx2.TransportError):
                    if httpx2.get(url).status_code < 500:
                        break
            yield process
        finally:
            process.terminate()


def wrk(url: str, connections: int, folder: Path) -> Run:
    """Load *url* and return what came of it."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{SECONDS}", "--latency"]
    command += ["-s", str(folder / "call.lua"), url]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in told:
        sys.exit(f"{url} answered errors:\n{told}")
    rate = re.search(r"Requests/sec:\s+([\d.]+)", told)
    assert rate is not None, told
    return Run(float(rate[1]), milliseconds(told, "50%"), milliseconds(told, "99%"))


def milliseconds(told: str, share: str) -> float:
    """Return one line of wrk's latency distribution."""
    found = re.search(rf"{share}\s+([\d.]+)(us|ms|s)", told)
    assert found is not None, told
    return float(found[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[found[2]]


def cpu_seconds(process: "subprocess.Popen[bytes]") -> float:
    """Return the processor time that *process* has used."""
    fields = Path(f"/proc/{process.pid}/stat").read_text(encoding="ascii").split()
    return (int(fields[13]) + int(fields[14])) / 100


def main() -> None:
    """Measure and print a table."""
    missing = [name for name in ("wrk", "nginx") if shutil.which(name) is None]
    if missing:
        sys.exit(f"missing: {', '.join(missing)} (Debian: apt-get install wrk nginx-light)")
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        upstream, proxy, gateway = free_port(), free_port(), free_port()
        (folder / "call.lua").write_text(SCRIPT, encoding="utf-8")
        (folder / "nginx.conf").write_text(
            NGINX.format(folder=folder, upstream=upstream, port=proxy), encoding="utf-8"
        )
        server = {
            "name": "echo",
            "tier": "PRIMARY",
            "transport": {"kind": "http", "url": f"http://127.0.0.1:{upstream}/mcp"},
            "limits": {"max_concurrency": 512},
        }
        registry = folder / "registry.yaml"
        registry.write_text(yaml.safe_dump({"version": 2, "servers": [server]}), encoding="utf-8")
        python = sys.executable
        stack.enter_context(
            started(
                [python, "-m", "tests.bench.upstream", str(upstream)],
                f"http://127.0.0.1:{upstream}/",
            )
        )
        stack.enter_context(
            started(["nginx", "-c", str(folder / "nginx.conf")], f"http://127.0.0.1:{proxy}/")
        )
        command = [python, "-m", "gateway", "--registry", str(registry), "--port", str(gateway)]
        ours = stack.enter_context(started(command, f"http://127.0.0.1:{gateway}/readyz"))
        ways = {
            "the upstream itself": f"http://127.0.0.1:{upstream}/mcp",
            "nginx": f"http://127.0.0.1:{proxy}/mcp",
            "the gateway": f"http://127.0.0.1:{gateway}/mcp/servers/echo",
        }
        Console(width=110).print(measured(ways, ours, folder))


def measured(ways: dict[str, str], ours: "subprocess.Popen[bytes]", folder: Path) -> Table:
    """Return medians, each round through all ways so that noise hits them alike."""
    table = Table("connections", "through", "calls/s", "of nginx", "p50 ms", "p99 ms", "CPU s/1000")
    for connections in CONNECTIONS:
        runs: dict[str, list[Run]] = {way: [] for way in ways}
        used = 0.0
        for _ in range(ROUNDS):
            for way, url in ways.items():
                before = cpu_seconds(ours)
                runs[way].append(wrk(url, connections, folder))
                used += cpu_seconds(ours) - before
        nginx = statistics.median(run.rate for run in runs["nginx"])
        for way, found in runs.items():
            rate = statistics.median(run.rate for run in found)
            calls = sum(run.rate for run in found) * SECONDS
            table.add_row(
                str(connections),
                way,
                f"{rate:.0f}",
                f"{rate / nginx:.2f}",
                f"{statistics.median(run.p50 for run in found):.3f}",
                f"{statistics.median(run.p99 for run in found):.3f}",
                f"{used / calls * 1000:.3f}" if way == "the gateway" else "",
            )
    table.title = f"medians of {ROUNDS} rounds of {SECONDS} s"
    return table


if __name__ == "__main__":
    main()
