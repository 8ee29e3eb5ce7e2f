import subprocess
import sys


def loaded(module: str) -> set[str]:
    found = subprocess.run(
        [sys.executable, "-c", f"import {module}, sys; print(*sys.modules)"],
        capture_output=True,
        check=True,
        text=True,
        encoding="utf-8",
    )
    return set(found.stdout.split())


def test_a_gateway_does_not_pay_for_what_it_does_not_use() -> None:
    assert not {"grpc", "nats", "yaml", "watchfiles", "httpx2"} & loaded("registry.client")
    assert not {"grpc", "nats"} & loaded("registry.local")
    assert not {"nats", "yaml", "watchfiles", "httpx2"} & loaded("registry.remote")
