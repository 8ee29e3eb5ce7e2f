from pathlib import Path
from typing import Any

import pytest

from tests.support.deployment import (
    ENGINES,
    OVERLAYS,
    ROOT,
    built,
    container,
    environment,
    manifests,
    pod,
    tool,
    workloads,
)

# The oldest Kubernetes that all of it is valid on: preStop.sleep is stable from here.
KUBERNETES = "1.34"

overlays = pytest.mark.parametrize("overlay", OVERLAYS, ids=lambda path: path.name)
every = pytest.mark.parametrize(
    ("overlay", "name"),
    [
        pytest.param(overlay, name, id=f"{overlay.name}-{name}")
        for overlay in OVERLAYS
        for name in workloads(overlay)
    ],
)


def selects(selector: dict[str, Any], workload: dict[str, Any]) -> bool:
    labels = workload["spec"]["template"]["metadata"]["labels"]
    return bool(selector["matchLabels"].items() <= labels.items())


@pytest.mark.parametrize("folder", [ROOT / "k8s/base", *OVERLAYS], ids=lambda path: path.name)
def test_it_is_valid(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "built.yaml"
    path.write_text(built(folder), encoding="utf-8")
    said = tool("kubernetes-validate", "--strict", "-k", KUBERNETES, path)
    assert said.count(" passed for resource ") == built(folder).count("\nkind: ")


def test_both_overlays_are_there() -> None:
    assert [path.name for path in OVERLAYS] == ["production", "staging"]


@every
def test_a_container_cannot_do_more_than_it_needs(overlay: Path, name: str) -> None:
    workload = workloads(overlay)[name]
    assert pod(workload)["securityContext"]["runAsNonRoot"] is True
    assert pod(workload)["securityContext"]["runAsUser"] > 0
    assert pod(workload)["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container(workload)["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert not {"hostNetwork", "hostPID", "hostIPC", "initContainers"} & pod(workload).keys()


@every
def test_a_container_has_requests_limits_and_probes(overlay: Path, name: str) -> None:
    main = container(workloads(overlay)[name])
    for bound in ("requests", "limits"):
        assert set(main["resources"][bound]) == {"cpu", "memory"}
    assert {"startupProbe", "livenessProbe", "readinessProbe"} <= main.keys()


@every
def test_an_image_has_an_exact_version(overlay: Path, name: str) -> None:
    _, _, tag = container(workloads(overlay)[name])["image"].rpartition(":")
    assert tag.partition("-")[0].count(".") == 2, "give major, minor and patch"


@every
def test_a_workload_has_its_own_account_without_a_token(overlay: Path, name: str) -> None:
    specification = pod(workloads(overlay)[name])
    assert specification["serviceAccountName"] == name
    assert specification["automountServiceAccountToken"] is False
    assert manifests(overlay, "ServiceAccount")[name]["automountServiceAccountToken"] is False


@every
def test_kubernetes_sets_no_setting_by_itself(overlay: Path, name: str) -> None:
    assert pod(workloads(overlay)[name])["enableServiceLinks"] is False


@every
def test_a_workload_has_a_disruption_budget(overlay: Path, name: str) -> None:
    budget = manifests(overlay, "PodDisruptionBudget")[name]["spec"]
    assert selects(budget["selector"], workloads(overlay)[name])
    assert budget["maxUnavailable"] == 1


@every
def test_a_workload_has_a_network_policy_both_ways(overlay: Path, name: str) -> None:
    policy = manifests(overlay, "NetworkPolicy")[name]["spec"]
    assert selects(policy["podSelector"], workloads(overlay)[name])
    assert policy["policyTypes"] == ["Ingress", "Egress"]
    assert all(rule["from"] and rule["ports"] for rule in policy["ingress"])


@every
def test_a_service_reaches_the_workload(overlay: Path, name: str) -> None:
    workload, service = workloads(overlay)[name], manifests(overlay, "Service")[name]["spec"]
    assert selects({"matchLabels": service["selector"]}, workload)
    named = {port["name"]: port["containerPort"] for port in container(workload)["ports"]}
    assert all(named[port["targetPort"]] == port["port"] for port in service["ports"])


@every
def test_a_pod_is_given_time_to_drain(overlay: Path, name: str) -> None:
    workload = workloads(overlay)[name]
    if name in ENGINES:
        assert pod(workload)["terminationGracePeriodSeconds"] >= 20
        return
    sleep = container(workload)["lifecycle"]["preStop"]["sleep"]["seconds"]
    drain = 10  # kit.settings.ServerSettings.drain_seconds, which no manifest changes
    assert pod(workload)["terminationGracePeriodSeconds"] >= sleep + drain + 10
    assert not [key for key in environment(overlay, workload) if key.endswith("DRAIN_SECONDS")]


@overlays
def test_what_one_may_call_the_other_lets_in(overlay: Path) -> None:
    policies = manifests(overlay, "NetworkPolicy")
    for name in workloads(overlay):
        for callee in _peers(policies[name]["spec"].get("egress", ()), "to"):
            callers = _peers(policies[callee]["spec"]["ingress"], "from")
            assert name in callers, f"{name} may call {callee}, which does not let it in"


@overlays
def test_everything_is_denied_unless_said(overlay: Path) -> None:
    default = manifests(overlay, "NetworkPolicy")["default"]["spec"]
    assert default["podSelector"] == {}
    assert "ingress" not in default
    assert default["policyTypes"] == ["Ingress", "Egress"]


@overlays
def test_the_gateway_answers_to_its_ingress_host_over_tls(overlay: Path) -> None:
    ingress = manifests(overlay, "Ingress")["gateway"]["spec"]
    (host,) = [rule["host"] for rule in ingress["rules"]]
    assert ingress["tls"] == [{"hosts": [host], "secretName": "gateway-tls"}]
    assert environment(overlay, workloads(overlay)["gateway"])["GATEWAY_HOSTS"] == host


@overlays
def test_health_and_metrics_are_not_published(overlay: Path) -> None:
    (rule,) = manifests(overlay, "Ingress")["gateway"]["spec"]["rules"]
    assert [path["path"] for path in rule["http"]["paths"]] == ["/mcp", "/api"]


def test_production_has_no_stand_in() -> None:
    production = ROOT / "k8s/overlays/production"
    assert "sandbox" not in built(production)
    for name in workloads(production).keys() - set(ENGINES):
        assert environment(production, workloads(production)[name])["FLEET_PROFILE"] == "production"


def test_production_takes_secrets_only_by_reference() -> None:
    production = ROOT / "k8s/overlays/production"
    assert not manifests(production, "Secret")
    expected = {
        "linear": "LINEAR_API_KEY",
        "asana": "ASANA_ACCESS_TOKEN",
        "gateway": "GATEWAY_KEYS",
    }
    for name, variable in expected.items():
        given = environment(production, workloads(production)[name])
        assert {key for key, value in given.items() if value is None} == {variable}


def _peers(rules: list[dict[str, Any]], side: str) -> set[str]:
    """Return the workloads that rules name on their *side*."""
    found: set[str] = set()
    for rule in rules:
        for peer in rule[side]:
            selector = peer.get("podSelector", {})
            if "namespaceSelector" in peer:
                continue
            found |= {selector.get("matchLabels", {}).get("app.kubernetes.io/name", "")} - {""}
            for expression in selector.get("matchExpressions", ()):
                found |= set(expression["values"])
    return found
