"""Servers on a pipe that the SDK would not make: each is a small program."""

import sys
from pathlib import Path

PYTHON = sys.executable
TALKER = (PYTHON, "-m", "tests.support.talker")
ROOT = str(Path(__file__).parents[2])

_LOOP = """
import json, os, sys, time
def say(message):
    print(json.dumps({"jsonrpc": "2.0", **message}), flush=True)
def told():
    for line in sys.stdin:
        yield json.loads(line)
HELLO = {"protocolVersion": "2024-11-05", "capabilities": {"tools": {}}}
def serve(message):
    number, method = message.get("id"), message.get("method")
    if method == "initialize":
        say({"id": number, "result": HELLO})
    elif method == "tools/list":
        say({"id": number, "result": {"tools": [{"name": "echo", "inputSchema": {}}]}})
    elif method == "tools/call":
        words = message["params"].get("arguments", {}).get("words")
        say({"id": number, "result": {"structuredContent": {"words": words, "pid": os.getpid()}}})
"""


def program(body: str) -> tuple[str, ...]:
    """Return the command of a program with ``say``, ``told`` and ``serve``."""
    return (PYTHON, "-c", _LOOP + body)


LEGACY = program("""
for message in told():
    if message["method"] == "server/discover":
        say({"id": message["id"], "error": {"code": -32601, "message": "Method not found"}})
    serve(message)
""")
"""Knows the handshake only, and says so."""

SILENT = program("""
for message in told():
    serve(message)
""")
"""Knows the handshake only, and says nothing to what it does not know."""

FRAIL = program("""
for message in told():
    if message["method"] == "server/discover":
        sys.exit("cannot bear " + message["method"])
    serve(message)
""")
"""Dies of the modern question."""

BABBLING = program("""
print("Welcome to my server!", flush=True)
print("warming up", file=sys.stderr, flush=True)
for message in told():
    print("got", message["method"], flush=True)
    print('{"half": ', flush=True)
    print("\\xff\\n[]\\n7", flush=True)
    serve(message)
""")
"""Says on its output what belongs on standard error."""

MUTE = program("time.sleep(600)")
"""Never reads and never answers."""

STUBBORN = program("""
import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
for message in told():
    serve(message)
while True:
    time.sleep(1)
""")
"""Ignores the end of its input and SIGTERM."""

ENDLESS = program("""
for message in told():
    if message["method"] == "tools/call":
        print("x" * 3_000_000, flush=True)
    serve(message)
""")
"""Answers a call with a line that is too long."""
