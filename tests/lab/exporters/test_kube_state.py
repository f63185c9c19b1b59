from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.lab.exporters.kube_state.exporter import KINDS, KubeStateMetrics
from aiops.lab.exporters.kube_state.network import endpoint_metrics
from aiops.lab.exporters.kube_state.nodes import node_metrics
from aiops.lab.exporters.kube_state.pods import pod_metrics
from aiops.lab.exporters.kube_state.workloads import deployment_metrics
from aiops.lab.exporters.readings.news import News
from aiops.lab.kube.storage.history import History, Write
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


META = {"name": "x", "namespace": "y", "uid": "u", "creationTimestamp": "2026-01-01T00:00:00Z", "resourceVersion": "7"}
READY = [{"type": "Ready", "status": "True"}]
KINDS_AND_VALUES: list[tuple[str, dict[str, Any], dict[str, float]]] = [
    (
        "StatefulSet",
        {"spec": {"replicas": 3}, "status": {"readyReplicas": 2, "currentRevision": "x-1", "updateRevision": "x-2"}},
        {"kube_statefulset_replicas": 3, "kube_statefulset_status_replicas_ready": 2},
    ),
    (
        "DaemonSet",
        {"spec": {}, "status": {"desiredNumberScheduled": 4, "numberUnavailable": 1}},
        {"kube_daemonset_status_desired_number_scheduled": 4, "kube_daemonset_status_number_unavailable": 1},
    ),
    (
        "ReplicaSet",
        {"spec": {"replicas": 2}, "status": {"readyReplicas": 1}},
        {"kube_replicaset_spec_replicas": 2, "kube_replicaset_status_ready_replicas": 1, "kube_replicaset_owner": 1},
    ),
    (
        "Job",
        {
            "spec": {"completions": 2, "activeDeadlineSeconds": 60},
            "status": {"failed": 1, "conditions": [{"type": "Failed", "status": "True"}]},
        },
        {"kube_job_spec_completions": 2, "kube_job_spec_active_deadline_seconds": 60, "kube_job_status_failed": 1},
    ),
    (
        "CronJob",
        {"spec": {"schedule": "* * * * *", "suspend": True}, "status": {"lastScheduleTime": "2026-01-01T00:01:00Z"}},
        {"kube_cronjob_spec_suspend": 1, "kube_cronjob_status_last_schedule_time": 1767225660},
    ),
    (
        "HorizontalPodAutoscaler",
        {
            "spec": {
                "scaleTargetRef": {"kind": "Deployment", "name": "d"},
                "maxReplicas": 9,
                "metrics": [
                    {"type": "Resource", "resource": {"name": "cpu", "target": {"averageUtilization": 70}}},
                ],
            },
            "status": {"currentReplicas": 4, "desiredReplicas": 6, "conditions": READY},
        },
        {
            "kube_horizontalpodautoscaler_spec_max_replicas": 9,
            "kube_horizontalpodautoscaler_spec_min_replicas": 1,
            "kube_horizontalpodautoscaler_status_desired_replicas": 6,
            "kube_horizontalpodautoscaler_spec_target_metric": 70,
        },
    ),
    (
        "PodDisruptionBudget",
        {"status": {"currentHealthy": 2, "disruptionsAllowed": 1}},
        {
            "kube_poddisruptionbudget_status_current_healthy": 2,
            "kube_poddisruptionbudget_status_pod_disruptions_allowed": 1,
        },
    ),
    ("ResourceQuota", {"status": {"hard": {"pods": "5"}}}, {"kube_resourcequota": 5}),
    ("LimitRange", {"spec": {"limits": [{"type": "Container", "max": {"memory": "1Gi"}}]}}, {"kube_limitrange": 2**30}),
    (
        "PersistentVolumeClaim",
        {
            "spec": {"resources": {"requests": {"storage": "1Gi"}}, "accessModes": ["ReadWriteOnce"]},
            "status": {"phase": "Bound"},
        },
        {"kube_persistentvolumeclaim_resource_requests_storage_bytes": 2**30},
    ),
    (
        "PersistentVolume",
        {"spec": {"capacity": {"storage": "2Gi"}, "claimRef": {"name": "c", "namespace": "y"}}},
        {"kube_persistentvolume_capacity_bytes": 2**31, "kube_persistentvolume_claim_ref": 1},
    ),
    ("StorageClass", {"provisioner": "p"}, {"kube_storageclass_info": 1}),
    ("Namespace", {"status": {"phase": "Terminating"}}, {"kube_namespace_created": 1767225600}),
    ("ConfigMap", {"data": {"a": "b"}}, {"kube_configmap_metadata_resource_version": 7}),
    ("Secret", {"data": {"password": "c2VjcmV0"}}, {"kube_secret_type": 1}),
    ("ServiceAccount", {}, {"kube_serviceaccount_info": 1}),
    ("NetworkPolicy", {"spec": {"ingress": [{}], "egress": []}}, {"kube_networkpolicy_spec_ingress_rules": 1}),
    (
        "Ingress",
        {
            "spec": {
                "rules": [{"host": "h", "http": {"paths": [{"path": "/", "backend": {"service": {"name": "s"}}}]}}],
                "tls": [{"hosts": ["h"], "secretName": "t"}],
            }
        },
        {"kube_ingress_path": 1, "kube_ingress_tls": 1},
    ),
    (
        "ValidatingWebhookConfiguration",
        {"webhooks": [{"name": "w", "clientConfig": {"service": {"name": "s", "namespace": "n"}}}]},
        {"kube_validatingwebhookconfiguration_webhook_clientconfig_service": 1},
    ),
    ("MutatingWebhookConfiguration", {}, {"kube_mutatingwebhookconfiguration_metadata_resource_version": 7}),
    (
        "CertificateSigningRequest",
        {"spec": {"signerName": "s"}, "status": {"conditions": [{"type": "Denied", "status": "True"}]}},
        {"kube_certificatesigningrequest_created": 1767225600},
    ),
]


@pytest.mark.parametrize(("kind", "body", "expected"), KINDS_AND_VALUES)
def test_other_kinds(kind: str, body: dict[str, Any], expected: dict[str, float]) -> None:
    found = list(KINDS[kind]({"metadata": META, **body}))
    assert {name: value for name, _, value in found if name in expected} == expected
    assert len({(name, tuple(sorted(labels.items()))) for name, labels, _ in found}) == len(found)
    assert not [labels for _, labels, _ in found if "secret" in labels.values() or "c2VjcmV0" in labels.values()]


def test_what_a_pod_waits_for_and_why() -> None:
    pod: dict[str, Any] = {
        "metadata": META,
        "spec": {"volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "c"}}]},
        "status": {
            "reason": "Evicted",
            "qosClass": "Burstable",
            "conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}],
        },
    }
    found = list(pod_metrics(pod))
    assert _values(found, "kube_pod_status_unschedulable") == {(): 1}
    assert _values(found, "kube_pod_status_reason", "reason")[("Evicted",)] == 1
    assert _values(found, "kube_pod_status_qos_class", "qos_class") == {("Burstable",): 1}
    assert _values(found, "kube_pod_spec_volumes_persistentvolumeclaims_info", "persistentvolumeclaim") == {("c",): 1}


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=30), st.integers(1, 5))
def test_news_leave_what_listing_everything_would(writes: list[tuple[str, bool]], every: int) -> None:
    cluster = _Written()
    known: dict[str, int] = {}
    news = News(cluster, ["ConfigMap"])
    for number, (name, there) in enumerate(writes):
        cluster.write(name, number if there else None)
        if number % every == 0:
            _take(news, known)
    _take(news, known)
    assert known == cluster.now


class _Written:
    """A cluster that keeps only the last few writes."""

    def __init__(self) -> None:
        self.revision = 0
        self.history = History(size=6)
        self.history.read_to(10**9)
        self.now: dict[str, int] = {}

    def write(self, name: str, value: int | None) -> None:
        self.revision += 1
        old = self.now.pop(name, None)
        if value is not None:
            self.now[name] = value
        body = {"metadata": {"namespace": "n", "name": name}, "value": old if value is None else value}
        self.history.append(Write(self.revision, "DELETED" if value is None else "MODIFIED", "ConfigMap", body, None))

    def objects(self, kind: str, namespace: str = "") -> list[dict[str, Any]]:
        del namespace
        found = [{"metadata": {"namespace": "n", "name": name}, "value": v} for name, v in sorted(self.now.items())]
        return found if kind == "ConfigMap" else []

    def find(self, kind: str, namespace: str, name: str) -> dict[str, Any] | None:
        return next((o for o in self.objects(kind, namespace) if o["metadata"]["name"] == name), None)


def _take(news: News, known: dict[str, int]) -> None:
    whole, changed = news.take()
    if whole:
        known.clear()
    for (_, _, name), manifest in changed.items():
        known.pop(name, None)
        if manifest is not None:
            known[name] = manifest["value"]


def test_only_what_changed_is_read_again(plain_cluster: Any) -> None:
    exporter = KubeStateMetrics(plain_cluster, TimeSeriesStore(), mine=lambda _: True)
    before = exporter.values(0.0).copy()
    sheet = exporter.sheet
    assert (exporter.values(0.0) == before).all()
    plain_cluster.edit("Deployment", "geo", lambda d: d["spec"].update(replicas=5))
    after = exporter.values(0.0)
    assert exporter.sheet is sheet
    replicas, unavailable, surge = after[after != before].tolist()
    assert (replicas, unavailable, surge) == (5.0, 1.0, 2.0)
    assert len(set(sheet.ids.tolist())) == len(sheet.ids)
