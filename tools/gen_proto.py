"""Generate the Python code of proto/ into the packages that it names.

python tools/gen_proto.py            write it
python tools/gen_proto.py --check    exit 1, naming the files, where it is stale
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROTO = ROOT / "proto"


def generate(out: Path) -> list[Path]:
    """Write the code of every proto under *out*; return the files, relative to it."""
    sources = sorted(str(path.relative_to(PROTO)) for path in PROTO.rglob("*.proto"))
    outputs = [f"--{kind}_out={out}" for kind in ("python", "grpc_python")]
    outputs += [f"--{kind}_out=quiet:{out}" for kind in ("mypy", "mypy_grpc")]
    plugins = [
        f"--plugin={name}={Path(sys.executable).parent / name}"
        for name in ("protoc-gen-mypy", "protoc-gen-mypy_grpc")
    ]
    command = [sys.executable, "-m", "grpc_tools.protoc", f"--proto_path={PROTO}"]
    subprocess.run([*command, *outputs, *plugins, *sources], check=True)
    return sorted(path.relative_to(out) for path in out.rglob("*_pb2*"))


def stale(out: Path, files: list[Path]) -> list[str]:
    """Return the files that differ from what lies in the tree, and those that should not."""
    known = {path.relative_to(ROOT) for folder in {f.parent for f in files} for path in
             (ROOT / folder).glob("*_pb2*")}  # fmt: skip
    differing = [
        path for path in files
        if path not in known or (ROOT / path).read_bytes() != (out / path).read_bytes()
    ]  # fmt: skip
    return [str(path) for path in (*differing, *sorted(known - set(files)))]


def main() -> int:
    """Return 0 when the code in the tree is that of proto/."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing")
    check: bool = parser.parse_args().check
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        files = generate(out)
        differing = stale(out, files)
        if check:
            for name in differing:
                print(f"{name}: is not what proto/ says; run `make proto`", file=sys.stderr)
            return 1 if differing else 0
        for path in files:
            (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
            (ROOT / path).write_bytes((out / path).read_bytes())
    print(f"{len(differing)} files written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
