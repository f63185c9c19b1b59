from __future__ import annotations

from typing import Any

import pytest

from aiops.lab.exporters.kube_pods import pod_metrics
from aiops.lab.exporters.kube_state import KubeStateMetrics
from aiops.lab.exporters.kube_workloads import deployment_metrics, endpoint_metrics, node_metrics
from aiops.lab.tsdb import TimeSeriesStore

POD: dict[str, Any] = {
    "metadata": {
        "name": "geo-1",
        "namespace": "hotel",
        "uid": "u1",
        "creationTimestamp": "2026-01-01T00:00:00Z",
        "ownerReferences": [{"kind": "ReplicaSet", "name": "geo"}],
    },
    "spec": {
        "nodeName": "node-1",
        "containers": [{"name": "geo", "resources": {"limits": {"memory": "128Mi", "cpu": "250m"}}}],
    },
    "status": {
        "phase": "Running",
        "podIP": "10.0.0.9",
        "conditions": [{"type": "Ready", "status": "False"}, {"type": "PodScheduled", "status": "True"}],
        "containerStatuses": [
            {
                "name": "geo",
                "restartCount": 3,
                "ready": False,
                "image": "geo:1",
                "state": {"waiting": {"reason": "CrashLoopBackOff"}},
                "lastState": {"terminated": {"reason": "OOMKilled", "exitCode": 137}},
            }
        ],
    },
}


def _values(metrics: Any, name: str, *keys: str) -> dict[Any, float]:
    return {tuple(labels[key] for key in keys): value for found, labels, value in metrics if found == name}


@pytest.mark.parametrize(
    ("name", "keys", "expected"),
    [
        ("kube_pod_status_ready", ("condition",), {("true",): 0, ("false",): 1, ("unknown",): 0}),
        ("kube_pod_container_status_restarts_total", ("container",), {("geo",): 3}),
        ("kube_pod_container_status_waiting_reason", ("reason",), {("CrashLoopBackOff",): 1}),
        ("kube_pod_container_status_last_terminated_reason", ("reason",), {("OOMKilled",): 1}),
        ("kube_pod_container_status_last_terminated_exitcode", (), {(): 137}),
        (
            "kube_pod_container_resource_limits",
            ("resource", "unit"),
            {("memory", "byte"): 128 * 2**20, ("cpu", "core"): 0.25},
        ),
        ("kube_pod_owner", ("owner_kind", "owner_name"), {("ReplicaSet", "geo"): 1}),
        ("kube_pod_info", ("node", "pod_ip"), {("node-1", "10.0.0.9"): 1}),
        ("kube_pod_created", (), {(): 1767225600}),
    ],
)
def test_pods(name: str, keys: tuple[str, ...], expected: dict[Any, float]) -> None:
    assert _values(pod_metrics(POD), name, *keys) == expected


def test_a_new_pod_has_a_phase_and_nothing_that_it_cannot_have() -> None:
    found = list(pod_metrics({"metadata": {"name": "x", "namespace": "y"}, "spec": {}}))
    phases = _values(found, "kube_pod_status_phase", "phase")
    assert phases[("Pending",)] == 1
    assert sum(phases.values()) == 1
    assert not [name for name, _, _ in found if name.startswith("kube_pod_container_status")]


def test_deployments() -> None:
    deployment = {
        "metadata": {"name": "geo", "namespace": "hotel", "generation": 4},
        "spec": {"replicas": 3},
        "status": {
            "replicas": 4,
            "updatedReplicas": 1,
            "availableReplicas": 3,
            "observedGeneration": 4,
            "conditions": [{"type": "Progressing", "status": "False"}],
        },
    }
    found = list(deployment_metrics(deployment))
    assert _values(found, "kube_deployment_spec_replicas") == {(): 3}
    assert _values(found, "kube_deployment_status_replicas_available") == {(): 3}
    assert _values(found, "kube_deployment_status_replicas_updated") == {(): 1}
    conditions = _values(found, "kube_deployment_status_condition", "condition", "status")
    assert conditions[("Progressing", "false")] == 1
    assert conditions[("Progressing", "true")] == 0


def test_endpoints_and_nodes() -> None:
    piece = {
        "metadata": {"name": "geo-x", "namespace": "hotel", "labels": {"kubernetes.io/service-name": "geo"}},
        "ports": [{"name": "http", "port": 8083}],
        "endpoints": [{"addresses": ["10.0.0.9"], "conditions": {"ready": False}}],
    }
    found = _values(endpoint_metrics(piece), "kube_endpoint_address", "endpoint", "ip", "port_number", "ready")
    assert found == {("geo", "10.0.0.9", "8083", "false"): 1}
    node = {
        "metadata": {"name": "n"},
        "spec": {"unschedulable": True},
        "status": {"conditions": [{"type": "Ready", "status": "True"}], "allocatable": {"cpu": "4", "memory": "1Gi"}},
    }
    metrics = list(node_metrics(node))
    assert _values(metrics, "kube_node_spec_unschedulable") == {(): 1}
    assert _values(metrics, "kube_node_status_condition", "status")[("true",)] == 1
    assert _values(metrics, "kube_node_status_allocatable", "resource")[("memory",)] == 2**30


def test_only_what_changed_is_read_again(plain_cluster: Any) -> None:
    store = TimeSeriesStore()
    exporter = KubeStateMetrics(plain_cluster, store)
    first = exporter.collect()
    assert exporter.collect() is first
    plain_cluster.edit("Deployment", "geo", lambda d: d["spec"].update(replicas=5))
    second = exporter.collect()
    assert len(second.ids) == len(first.ids)
    changed = dict(zip(second.ids.tolist(), second.values.tolist(), strict=True))
    before = dict(zip(first.ids.tolist(), first.values.tolist(), strict=True))
    assert [changed[i] for i in changed if changed[i] != before[i]] == [5.0]
    assert len(set(second.ids.tolist())) == len(second.ids)
