"""kube-state-metrics of pods."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.core.entity import Manifest
from aiops.lab.exporters.exposition.samples import Metric
from aiops.lab.exporters.kube_state.containers import container_metrics, resource_metrics
from aiops.lab.exporters.kube_state.facts import STATES, created, moment, owners

_PHASES = ("Pending", "Running", "Succeeded", "Failed", "Unknown")
_REASONS = ("Evicted", "NodeAffinity", "NodeLost", "Shutdown", "UnexpectedAdmissionError")
_TIMES = {
    "PodScheduled": "kube_pod_status_scheduled_time",
    "Initialized": "kube_pod_status_initialized_time",
    "ContainersReady": "kube_pod_status_container_ready_time",
    "Ready": "kube_pod_status_ready_time",
}


def pod_metrics(pod: Manifest) -> Iterator[Metric]:
    """`kube_pod_*` of one pod."""
    meta, spec, status = pod["metadata"], pod["spec"], pod.get("status") or {}
    labels = {"namespace": meta["namespace"], "pod": meta["name"], "uid": meta.get("uid", "")}
    yield _info(labels, pod)
    yield from owners("kube_pod_owner", labels, pod)
    yield from created("pod", labels, pod)
    yield from moment("kube_pod_start_time", labels, status.get("startTime"))
    yield from moment("kube_pod_deletion_timestamp", labels, meta.get("deletionTimestamp"))
    yield "kube_pod_restart_policy", {**labels, "type": spec.get("restartPolicy", "Always")}, 1.0
    if spec.get("serviceAccountName"):
        yield "kube_pod_service_account", {**labels, "service_account": spec["serviceAccountName"]}, 1.0
    yield from _status(labels, status)
    yield from _claims(labels, spec)
    node = spec.get("nodeName", "")
    for kind in ("", "init_"):
        prefix = f"kube_pod_{kind}container"
        for container in spec.get("initContainers" if kind else "containers") or ():
            yield from resource_metrics(prefix, {**labels, "container": container["name"], "node": node}, container)
        for container in status.get("initContainerStatuses" if kind else "containerStatuses") or ():
            yield from container_metrics(prefix, labels, container)


def _info(labels: dict[str, str], pod: Manifest) -> Metric:
    spec, status = pod["spec"], pod.get("status") or {}
    owner: Manifest = next(iter(pod["metadata"].get("ownerReferences") or ()), {})
    shown = {
        "created_by_kind": owner.get("kind", ""),
        "created_by_name": owner.get("name", ""),
        "node": spec.get("nodeName", ""),
        "pod_ip": status.get("podIP", ""),
        "host_ip": status.get("hostIP", ""),
        "priority_class": spec.get("priorityClassName", ""),
        "host_network": str(bool(spec.get("hostNetwork"))).lower(),
    }
    return "kube_pod_info", {**labels, **shown}, 1.0


def _status(labels: dict[str, str], status: Manifest) -> Iterator[Metric]:
    for phase in _PHASES:
        yield "kube_pod_status_phase", {**labels, "phase": phase}, float(status.get("phase", "Pending") == phase)
    for reason in _REASONS:
        yield "kube_pod_status_reason", {**labels, "reason": reason}, float(status.get("reason") == reason)
    if status.get("qosClass"):
        yield "kube_pod_status_qos_class", {**labels, "qos_class": status["qosClass"]}, 1.0
    found = {condition.get("type"): condition for condition in status.get("conditions") or ()}
    for condition, name in (("Ready", "kube_pod_status_ready"), ("PodScheduled", "kube_pod_status_scheduled")):
        value = found.get(condition, {}).get("status", "False")
        for state in STATES:
            yield name, {**labels, "condition": state}, float(value.lower() == state)
    scheduled = found.get("PodScheduled", {})
    if scheduled.get("status") == "False" and scheduled.get("reason") == "Unschedulable":
        yield "kube_pod_status_unschedulable", labels, 1.0
    for condition, name in _TIMES.items():
        if found.get(condition, {}).get("status") == "True":
            yield from moment(name, labels, found[condition].get("lastTransitionTime"))


def _claims(labels: dict[str, str], spec: Manifest) -> Iterator[Metric]:
    for volume in spec.get("volumes") or ():
        claim = volume.get("persistentVolumeClaim")
        if claim:
            shown = {"volume": volume["name"], "persistentvolumeclaim": claim["claimName"]}
            yield "kube_pod_spec_volumes_persistentvolumeclaims_info", {**labels, **shown}, 1.0
