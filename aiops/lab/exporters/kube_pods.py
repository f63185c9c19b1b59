"""kube-state-metrics of pods."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.core.clock import from_rfc3339
from aiops.core.entity import Manifest
from aiops.core.quantity import parse_quantity
from aiops.lab.exporters.samples import Metric

_PHASES = ("Pending", "Running", "Succeeded", "Failed", "Unknown")
_UNITS = {"cpu": "core", "memory": "byte"}


def pod_metrics(pod: Manifest) -> Iterator[Metric]:
    """`kube_pod_*` of one pod."""
    meta, spec, status = pod["metadata"], pod["spec"], pod.get("status") or {}
    labels = {"namespace": meta["namespace"], "pod": meta["name"], "uid": meta.get("uid", "")}
    owner: Manifest = next(iter(meta.get("ownerReferences") or ()), {})
    owned = {"created_by_kind": owner.get("kind", ""), "created_by_name": owner.get("name", "")}
    place = {
        "node": spec.get("nodeName", ""),
        "pod_ip": status.get("podIP", ""),
        "host_ip": status.get("hostIP", ""),
    }
    yield "kube_pod_info", {**labels, **owned, **place}, 1.0
    yield (
        "kube_pod_owner",
        {**labels, "owner_kind": owner.get("kind", ""), "owner_name": owner.get("name", "")},
        1.0,
    )
    if meta.get("creationTimestamp"):
        yield "kube_pod_created", labels, from_rfc3339(meta["creationTimestamp"])
    for phase in _PHASES:
        yield "kube_pod_status_phase", {**labels, "phase": phase}, float(status.get("phase", "Pending") == phase)
    yield from _conditions(labels, status)
    for container in spec.get("containers") or ():
        yield from _resources({**labels, "container": container["name"], "node": place["node"]}, container)
    for container in status.get("containerStatuses") or ():
        yield from _container(labels, container)


def _conditions(labels: dict[str, str], status: Manifest) -> Iterator[Metric]:
    found = {c.get("type"): c.get("status") for c in status.get("conditions") or ()}
    for condition, name in (("Ready", "kube_pod_status_ready"), ("PodScheduled", "kube_pod_status_scheduled")):
        value = found.get(condition, "False")
        for state in ("true", "false", "unknown"):
            yield name, {**labels, "condition": state}, float(value.lower() == state)


def _resources(labels: dict[str, str], container: Manifest) -> Iterator[Metric]:
    resources = container.get("resources") or {}
    for side in ("requests", "limits"):
        for resource, amount in (resources.get(side) or {}).items():
            unit = {"resource": resource, "unit": _UNITS.get(resource, "integer")}
            yield f"kube_pod_container_resource_{side}", {**labels, **unit}, parse_quantity(amount)


def _container(pod: dict[str, str], container: Manifest) -> Iterator[Metric]:
    labels = {**pod, "container": container["name"]}
    state, last = container.get("state") or {}, container.get("lastState") or {}
    image = {"image": container.get("image", ""), "image_id": container.get("imageID", "")}
    yield "kube_pod_container_info", {**labels, **image}, 1.0
    yield "kube_pod_container_status_restarts_total", labels, float(container.get("restartCount", 0))
    yield "kube_pod_container_status_ready", labels, float(bool(container.get("ready")))
    for name in ("running", "waiting", "terminated"):
        yield f"kube_pod_container_status_{name}", labels, float(name in state)
    for name in ("waiting", "terminated"):
        reason = (state.get(name) or {}).get("reason")
        if reason:
            yield f"kube_pod_container_status_{name}_reason", {**labels, "reason": reason}, 1.0
    ended = last.get("terminated")
    if ended:
        reason = ended.get("reason") or "Error"
        yield "kube_pod_container_status_last_terminated_reason", {**labels, "reason": reason}, 1.0
        yield "kube_pod_container_status_last_terminated_exitcode", labels, float(ended.get("exitCode", 0))
