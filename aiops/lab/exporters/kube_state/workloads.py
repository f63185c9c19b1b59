"""kube-state-metrics of Deployments, ReplicaSets, StatefulSets and DaemonSets."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.core.entity import Manifest
from aiops.core.quantity import parse_quantity
from aiops.lab.exporters.exposition.samples import Metric
from aiops.lab.exporters.kube_state.facts import conditions, counts, created, owners

_DEPLOYMENT = {
    "observed_generation": "observedGeneration",
    "replicas": "replicas",
    "replicas_ready": "readyReplicas",
    "replicas_available": "availableReplicas",
    "replicas_updated": "updatedReplicas",
    "replicas_unavailable": "unavailableReplicas",
}
_REPLICASET = {
    "replicas": "replicas",
    "ready_replicas": "readyReplicas",
    "fully_labeled_replicas": "fullyLabeledReplicas",
    "observed_generation": "observedGeneration",
}
_STATEFULSET = {
    "replicas": "replicas",
    "replicas_ready": "readyReplicas",
    "replicas_current": "currentReplicas",
    "replicas_updated": "updatedReplicas",
    "replicas_available": "availableReplicas",
    "observed_generation": "observedGeneration",
}
_DAEMONSET = {
    "desired_number_scheduled": "desiredNumberScheduled",
    "current_number_scheduled": "currentNumberScheduled",
    "number_misscheduled": "numberMisscheduled",
    "number_ready": "numberReady",
    "number_available": "numberAvailable",
    "number_unavailable": "numberUnavailable",
    "updated_number_scheduled": "updatedNumberScheduled",
    "observed_generation": "observedGeneration",
}


def deployment_metrics(deployment: Manifest) -> Iterator[Metric]:
    """`kube_deployment_*` of one Deployment."""
    labels, spec, status = _parts(deployment, "deployment")
    yield from created("deployment", labels, deployment)
    yield "kube_deployment_spec_replicas", labels, float(spec.get("replicas", 1))
    yield "kube_deployment_spec_paused", labels, float(bool(spec.get("paused")))
    yield _generation("deployment", labels, deployment)
    yield from counts("kube_deployment_status", labels, _DEPLOYMENT, status)
    yield from conditions("kube_deployment_status_condition", labels, status)
    rolling = (spec.get("strategy") or {}).get("rollingUpdate") or {}
    for field, name in (("maxUnavailable", "max_unavailable"), ("maxSurge", "max_surge")):
        if field in rolling:
            value = _share(rolling[field], int(spec.get("replicas", 1)), up=field == "maxSurge")
            yield f"kube_deployment_spec_strategy_rollingupdate_{name}", labels, value


def replicaset_metrics(replicaset: Manifest) -> Iterator[Metric]:
    """`kube_replicaset_*` of one ReplicaSet."""
    labels, spec, status = _parts(replicaset, "replicaset")
    yield from created("replicaset", labels, replicaset)
    yield from owners("kube_replicaset_owner", labels, replicaset)
    yield "kube_replicaset_spec_replicas", labels, float(spec.get("replicas", 1))
    yield _generation("replicaset", labels, replicaset)
    yield from counts("kube_replicaset_status", labels, _REPLICASET, status)


def statefulset_metrics(statefulset: Manifest) -> Iterator[Metric]:
    """`kube_statefulset_*` of one StatefulSet."""
    labels, spec, status = _parts(statefulset, "statefulset")
    yield from created("statefulset", labels, statefulset)
    yield "kube_statefulset_replicas", labels, float(spec.get("replicas", 1))
    yield _generation("statefulset", labels, statefulset)
    yield from counts("kube_statefulset_status", labels, _STATEFULSET, status)
    for field, name in (("currentRevision", "current"), ("updateRevision", "update")):
        if status.get(field):
            yield f"kube_statefulset_status_{name}_revision", {**labels, "revision": status[field]}, 1.0


def daemonset_metrics(daemonset: Manifest) -> Iterator[Metric]:
    """`kube_daemonset_*` of one DaemonSet."""
    labels, _, status = _parts(daemonset, "daemonset")
    yield from created("daemonset", labels, daemonset)
    yield _generation("daemonset", labels, daemonset)
    yield from counts("kube_daemonset_status", labels, _DAEMONSET, status)


def _parts(manifest: Manifest, kind: str) -> tuple[dict[str, str], Manifest, Manifest]:
    meta = manifest["metadata"]
    labels = {"namespace": meta["namespace"], kind: meta["name"]}
    return labels, manifest.get("spec") or {}, manifest.get("status") or {}


def _generation(kind: str, labels: dict[str, str], manifest: Manifest) -> Metric:
    return f"kube_{kind}_metadata_generation", labels, float(manifest["metadata"].get("generation", 1))


def _share(value: int | str, replicas: int, *, up: bool) -> float:
    """A number of pods, or a percentage of them, rounded as the Deployment controller rounds it."""
    if not str(value).endswith("%"):
        return float(value)
    exact = parse_quantity(str(value)[:-1]) * replicas / 100
    return float(-(-exact // 1) if up else exact // 1)
