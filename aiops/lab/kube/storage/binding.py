"""A pod gets its node: one write sets the node and says that the pod is scheduled, as the server's `BindingREST`."""

from __future__ import annotations

from typing import Any

from aiops.core.clock import rfc3339
from aiops.core.entity import Manifest
from aiops.lab.kube.errors import ApiError
from aiops.lab.kube.kinds.prepare import BINDING
from aiops.lab.kube.objects import annotations_of, deleting
from aiops.lab.kube.storage.store import ObjectStore


def bind(
    store: ObjectStore,
    pod: Manifest,
    node: str,
    *,
    manager: str,
    annotations: dict[str, str] | None = None,
    dry_run: bool = False,
) -> Manifest:
    """Give a pod its node. Raises 409 where it has one, goes, or waits for a gate."""
    name, held = pod["metadata"]["name"], pod["spec"].get("nodeName")
    if deleting(pod):
        raise _refused(name, f"pod {name} is being deleted, cannot be assigned to a host")
    if held:
        raise _refused(name, f'pod {name} is already assigned to node "{held}"')
    if pod["spec"].get("schedulingGates"):
        raise _refused(name, f"pod {name} has non-empty .spec.schedulingGates")
    metadata = pod["metadata"]
    if annotations:
        metadata = {**metadata, "annotations": {**annotations_of(pod), **annotations}}
    bound = {
        **pod,
        "metadata": metadata,
        "spec": {**pod["spec"], "nodeName": node},
        "status": scheduled(pod.get("status") or {}, rfc3339(store.now())),
    }
    return store.update(bound, manager=manager, subresource=BINDING, dry_run=dry_run)


def scheduled(status: dict[str, Any], now: str) -> dict[str, Any]:
    """The status of a pod that has just got its node."""
    entry = {"type": "PodScheduled", "status": "True", "lastProbeTime": None, "lastTransitionTime": now}
    conditions = [entry if each["type"] == "PodScheduled" else each for each in status.get("conditions") or ()]
    if entry not in conditions:
        conditions.append(entry)
    kept = {key: value for key, value in status.items() if key != "nominatedNodeName"}
    return {**kept, "conditions": conditions}


def _refused(name: str, why: str) -> ApiError:
    message = f'Operation cannot be fulfilled on pods/binding "{name}": {why}'
    return ApiError(409, "Conflict", message, {"name": name, "kind": "pods/binding"})
