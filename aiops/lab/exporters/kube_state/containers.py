"""kube-state-metrics of the containers of a pod."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.core.entity import Manifest
from aiops.lab.exporters.exposition.samples import Metric
from aiops.lab.exporters.kube_state.facts import amounts, moment


def resource_metrics(prefix: str, labels: dict[str, str], container: Manifest) -> Iterator[Metric]:
    """What a container of a spec asks for and may have."""
    resources = container.get("resources") or {}
    for side in ("requests", "limits"):
        yield from amounts(f"{prefix}_resource_{side}", labels, resources.get(side))


def container_metrics(prefix: str, pod: dict[str, str], container: Manifest) -> Iterator[Metric]:
    """How one container of a status does."""
    labels = {**pod, "container": container["name"]}
    state = container.get("state") or {}
    image = {name: container.get(key, "") for name, key in _IMAGE.items()}
    yield f"{prefix}_info", {**labels, **image}, 1.0
    yield f"{prefix}_status_restarts_total", labels, float(container.get("restartCount", 0))
    yield f"{prefix}_status_ready", labels, float(bool(container.get("ready")))
    for name in ("running", "waiting", "terminated"):
        yield f"{prefix}_status_{name}", labels, float(name in state)
    for name in ("waiting", "terminated"):
        reason = (state.get(name) or {}).get("reason")
        if reason:
            yield f"{prefix}_status_{name}_reason", {**labels, "reason": reason}, 1.0
    if prefix == "kube_pod_container":
        yield from moment(f"{prefix}_state_started", labels, (state.get("running") or {}).get("startedAt"))
    yield from _ended(prefix, labels, (container.get("lastState") or {}).get("terminated"))


def _ended(prefix: str, labels: dict[str, str], ended: Manifest | None) -> Iterator[Metric]:
    if not ended:
        return
    yield f"{prefix}_status_last_terminated_reason", {**labels, "reason": ended.get("reason") or "Error"}, 1.0
    if prefix == "kube_pod_container":
        yield f"{prefix}_status_last_terminated_exitcode", labels, float(ended.get("exitCode", 0))
        yield from moment(f"{prefix}_status_last_terminated_timestamp", labels, ended.get("finishedAt"))


_IMAGE = {"image": "image", "image_id": "imageID", "container_id": "containerID"}
