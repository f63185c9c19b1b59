from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from aiops.core.entity import Manifest
from aiops.core.quantity import parse_quantity
from aiops.lab.prometheus import load_rules
from tests.lab.apps.applications import DRAWN, NAMES, load

WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob")
ALL = [*NAMES, *DRAWN]


def objects(name: str) -> list[Manifest]:
    return load(name).manifests(now=0.0, seed=1)


def by_name(found: list[Manifest], kind: str) -> dict[tuple[str, str], Manifest]:
    return {(m["metadata"].get("namespace", ""), m["metadata"]["name"]): m for m in found if m["kind"] == kind}


def templates(found: list[Manifest]) -> list[tuple[str, Manifest]]:
    """(namespace, pod template) of everything that runs pods."""
    made = []
    for manifest in found:
        if manifest["kind"] in WORKLOADS:
            spec = manifest["spec"]
            job = spec["jobTemplate"]["spec"] if manifest["kind"] == "CronJob" else spec
            made.append((manifest["metadata"]["namespace"], job["template"]))
    return made


@pytest.mark.parametrize("name", ALL)
def test_no_two_objects_share_a_name_and_namespaces_come_first(name: str) -> None:
    found = objects(name)
    keys = [(m["kind"], m["metadata"].get("namespace", ""), m["metadata"]["name"]) for m in found]
    assert len(set(keys)) == len(keys)
    places = {m["metadata"]["name"] for m in found if m["kind"] == "Namespace"}
    assert {place for _, place, _ in keys} - {""} <= places
    assert [kind for kind, _, _ in keys[: len(places)]] == ["Namespace"] * len(places)


@pytest.mark.parametrize("name", ALL)
def test_what_pods_refer_to_is_in_their_namespace(name: str) -> None:
    found = objects(name)
    maps, secrets = by_name(found, "ConfigMap"), by_name(found, "Secret")
    accounts, claims = by_name(found, "ServiceAccount"), by_name(found, "PersistentVolumeClaim")
    classes = {key[1] for key in by_name(found, "PriorityClass")}
    for place, template in templates(found):
        spec = template["spec"]
        assert (place, spec["serviceAccountName"]) in accounts
        assert spec.get("priorityClassName", "") in {"", *classes}
        for volume in spec.get("volumes", ()):
            if "persistentVolumeClaim" in volume:
                assert (place, volume["persistentVolumeClaim"]["claimName"]) in claims
        for source in (entry.get("valueFrom", {}) for entry in spec["containers"][0].get("env", ())):
            if "configMapKeyRef" in source:
                assert source["configMapKeyRef"]["key"] in maps[place, source["configMapKeyRef"]["name"]]["data"]
            if "secretKeyRef" in source:
                assert source["secretKeyRef"]["key"] in secrets[place, source["secretKeyRef"]["name"]]["data"]


@pytest.mark.parametrize("name", ALL)
def test_every_pod_finds_a_node_that_is_large_enough(name: str) -> None:
    found = objects(name)
    nodes = by_name(found, "Node").values()
    for _, template in templates(found):
        spec = template["spec"]
        wanted = spec["containers"][0]["resources"]["requests"]
        assert any(_fits(spec, wanted, node) for node in nodes), template["metadata"]["labels"]["app"]


def _fits(spec: dict[str, Any], wanted: dict[str, str], node: Manifest) -> bool:
    labels, amounts = node["metadata"]["labels"], node["status"]["allocatable"]
    tolerated = {(t["key"], t.get("value", "")) for t in spec.get("tolerations", ())}
    taints = {(t["key"], t.get("value", "")) for t in node["spec"].get("taints", ())}
    return (
        spec.get("nodeSelector", {}).items() <= labels.items()
        and taints <= tolerated
        and all(parse_quantity(amount) <= parse_quantity(amounts.get(key, "0")) for key, amount in wanted.items())
    )


@pytest.mark.parametrize("name", ALL)
def test_guards_and_services_name_what_is_there(name: str) -> None:
    found = objects(name)
    running = {(m["kind"], m["metadata"]["namespace"], m["metadata"]["name"]) for m in found if m["kind"] in WORKLOADS}
    labels = Counter((place, template["metadata"]["labels"]["app"]) for place, template in templates(found))
    for (place, _), scaler in by_name(found, "HorizontalPodAutoscaler").items():
        target = scaler["spec"]["scaleTargetRef"]
        assert (target["kind"], place, target["name"]) in running
        assert scaler["spec"]["minReplicas"] < scaler["spec"]["maxReplicas"]
    for (place, _), budget in by_name(found, "PodDisruptionBudget").items():
        assert labels[place, budget["spec"]["selector"]["matchLabels"]["app"]] == 1
        assert len(budget["spec"].keys() & {"minAvailable", "maxUnavailable"}) == 1
    for (place, _), service in by_name(found, "Service").items():
        assert labels[place, service["spec"]["selector"]["app"]] == 1
    services = by_name(found, "Service")
    for (place, _), ingress in by_name(found, "Ingress").items():
        for rule in ingress["spec"]["rules"]:
            for path in rule["http"]["paths"]:
                assert (place, path["backend"]["service"]["name"]) in services
    for (place, _), stateful in by_name(found, "StatefulSet").items():
        assert (place, stateful["spec"]["serviceName"]) in services


@pytest.mark.parametrize("name", ALL)
def test_alert_rules_are_a_rule_file_with_a_promise_for_each_objective(name: str) -> None:
    application = load(name)
    rules = [rule for group in load_rules(application.alert_rules) for rule in group.rules]
    own = [operation for operation in application.operations if operation.objective is not None]
    assert [rule.alert for rule in rules].count("UserLatencyHigh") == 1 + len(own)
    for operation in own:
        (rule,) = [r for r in rules if r.labels.get("operation") == operation.name and r.alert == "UserLatencyHigh"]
        assert f'path=~"{operation.path}"' in rule.expr
        assert operation.objective is not None
        assert rule.expr.endswith(f"> {operation.objective.latency_seconds:g}")


def test_every_kind_of_workload_comes_out_of_the_data() -> None:
    kinds = Counter(manifest["kind"] for name in NAMES for manifest in objects(name))
    wanted = {"HorizontalPodAutoscaler", "PodDisruptionBudget", "NetworkPolicy", "PriorityClass", *WORKLOADS}
    assert wanted <= kinds.keys()


def test_accelerators_are_asked_for_and_offered() -> None:
    found = objects("training")
    nodes = [node["status"]["allocatable"].get("nvidia.com/gpu") for node in by_name(found, "Node").values()]
    assert {"2", "4"} <= set(nodes)
    job = by_name(found, "Job")["training", "language-model"]["spec"]
    limits = job["template"]["spec"]["containers"][0]["resources"]["limits"]
    assert (limits["nvidia.com/gpu"], job["parallelism"], job["completionMode"]) == ("1", 4, "Indexed")
    assert job["template"]["spec"]["restartPolicy"] == "OnFailure"


def test_a_store_with_storage_is_a_statefulset_with_a_claim() -> None:
    spec = by_name(objects("social"), "StatefulSet")["social", "post-db"]["spec"]
    (claim,) = spec["volumeClaimTemplates"]
    assert claim["spec"]["resources"]["requests"]["storage"] == "100Gi"
    assert "namespace" not in claim["metadata"]
    (mount,) = spec["template"]["spec"]["containers"][0]["volumeMounts"]
    assert mount == {"name": claim["metadata"]["name"], "mountPath": "/data/db"}


def test_a_command_runs_instead_of_the_server() -> None:
    job = by_name(objects("ticket"), "CronJob")["ticket", "order-archive"]["spec"]
    container = job["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]
    assert container["command"][:2] == ["sh", "-c"]
    assert not container.keys() & {"ports", "readinessProbe", "livenessProbe"}


def test_passwords_lie_beside_who_needs_them() -> None:
    secrets = by_name(objects("ticket"), "Secret")
    client, store = secrets["ticket", "order-db-credentials"], secrets["ticket-data", "order-db-credentials"]
    assert client["data"] == store["data"]
