"""The containers' and manifests' files as values, and the tools that judge them."""

import functools
import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import yaml

ROOT: Final = Path(__file__).parents[2]
OVERLAYS: Final = sorted(path.parent for path in ROOT.glob("k8s/overlays/*/kustomization.yaml"))
ENGINES: Final = ("nats", "redis")

Manifest = dict[str, Any]


def tool(name: str, *arguments: str | Path, **variables: str) -> str:
    """Return what the environment's tool *name* prints; a failing or missing one fails."""
    program = Path(sys.executable).with_name(name)
    done = subprocess.run(
        [str(program), *map(str, arguments)],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", **variables},  # nothing of ours
        capture_output=True,
        text=True,
        check=False,
        timeout=50,
    )
    assert done.returncode == 0, f"{name} {arguments}:\n{done.stdout}{done.stderr}"
    return done.stdout


@functools.cache
def built(folder: Path) -> str:
    """Return what kustomize makes of *folder*."""
    return tool("kubectl", "kustomize", folder)


@functools.cache
def manifests(folder: Path, kind: str) -> dict[str, Manifest]:
    """Return the manifests of *kind* that kustomize makes of *folder*, by name."""
    everything = yaml.load_all(built(folder), Loader=yaml.CSafeLoader)
    return {each["metadata"]["name"]: each for each in everything if each["kind"] == kind}


def workloads(folder: Path) -> dict[str, Manifest]:
    """Return the Deployments and StatefulSets that kustomize makes of *folder*, by name."""
    return manifests(folder, "Deployment") | manifests(folder, "StatefulSet")


def pod(workload: Manifest) -> Manifest:
    """Return the pod's specification."""
    specification: Manifest = workload["spec"]["template"]["spec"]
    return specification


def container(workload: Manifest) -> Manifest:
    """Return the one container of a workload."""
    (only,) = pod(workload)["containers"]
    assert isinstance(only, dict)
    return only


def environment(folder: Path, workload: Manifest) -> dict[str, str | None]:
    """Return the container's environment; what a Secret gives is None."""
    found: dict[str, str | None] = {}
    for source in container(workload).get("envFrom", ()):
        found |= manifests(folder, "ConfigMap")[source["configMapRef"]["name"]]["data"]
    for each in container(workload).get("env", ()):
        found[each["name"]] = each.get("value")
    return found


@functools.cache
def compose() -> Manifest:
    """Return the services of docker-compose.yml, of all profiles, with nothing else set."""
    arguments = ("--env-file", "/dev/null", "--profile", "*", "config", "--format", "json")
    services: Manifest = json.loads(tool("docker-compose", *arguments))["services"]
    return services
