"""kube-state-metrics of claims, volumes and their classes."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.core.entity import Manifest
from aiops.core.quantity import parse_quantity
from aiops.lab.exporters.exposition.samples import Metric
from aiops.lab.exporters.kube_state.facts import created

_CLAIM_PHASES = ("Lost", "Bound", "Pending")
_VOLUME_PHASES = ("Pending", "Available", "Bound", "Released", "Failed")


def claim_metrics(claim: Manifest) -> Iterator[Metric]:
    """`kube_persistentvolumeclaim_*` of one claim."""
    meta, spec, status = claim["metadata"], claim["spec"], claim.get("status") or {}
    labels = {"namespace": meta["namespace"], "persistentvolumeclaim": meta["name"]}
    shown = {"storageclass": spec.get("storageClassName", ""), "volumename": spec.get("volumeName", "")}
    yield "kube_persistentvolumeclaim_info", {**labels, **shown}, 1.0
    yield from created("persistentvolumeclaim", labels, claim)
    for phase in _CLAIM_PHASES:
        value = float(status.get("phase", "Pending") == phase)
        yield "kube_persistentvolumeclaim_status_phase", {**labels, "phase": phase}, value
    size = ((spec.get("resources") or {}).get("requests") or {}).get("storage")
    if size:
        yield "kube_persistentvolumeclaim_resource_requests_storage_bytes", labels, parse_quantity(size)
    for mode in spec.get("accessModes") or ():
        yield "kube_persistentvolumeclaim_access_mode", {**labels, "access_mode": mode}, 1.0


def volume_metrics(volume: Manifest) -> Iterator[Metric]:
    """`kube_persistentvolume_*` of one volume."""
    meta, spec, status = volume["metadata"], volume["spec"], volume.get("status") or {}
    labels = {"persistentvolume": meta["name"]}
    yield "kube_persistentvolume_info", {**labels, "storageclass": spec.get("storageClassName", "")}, 1.0
    yield from created("persistentvolume", labels, volume)
    for phase in _VOLUME_PHASES:
        value = float(status.get("phase", "Pending") == phase)
        yield "kube_persistentvolume_status_phase", {**labels, "phase": phase}, value
    yield "kube_persistentvolume_capacity_bytes", labels, parse_quantity(spec["capacity"]["storage"])
    claim = spec.get("claimRef")
    if claim:
        owner = {"name": claim.get("name", ""), "claim_namespace": claim.get("namespace", "")}
        yield "kube_persistentvolume_claim_ref", {**labels, **owner}, 1.0


def storage_class_metrics(storage_class: Manifest) -> Iterator[Metric]:
    """`kube_storageclass_*` of one class."""
    labels = {"storageclass": storage_class["metadata"]["name"]}
    shown = {
        "provisioner": storage_class["provisioner"],
        "reclaim_policy": storage_class.get("reclaimPolicy", "Delete"),
        "volume_binding_mode": storage_class.get("volumeBindingMode", "Immediate"),
    }
    yield "kube_storageclass_info", {**labels, **shown}, 1.0
    yield from created("storageclass", labels, storage_class)
