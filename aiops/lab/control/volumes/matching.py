"""Which volume suits a claim, and how one is reserved for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiops.core.entity import Manifest
from aiops.core.quantity import parse_quantity
from aiops.lab.control.scheduling.terms import node_term
from aiops.lab.control.volumes.classes import claim_class, waits_for_consumer
from aiops.lab.kube.objects import deleting, labels_of, uid_of, with_annotations
from aiops.lab.kube.selectors import matches_selector
from aiops.lab.kube.storage.store import ObjectStore

SELECTED_NODE = "volume.kubernetes.io/selected-node"
BIND_COMPLETED = "pv.kubernetes.io/bind-completed"
BOUND_BY_CONTROLLER = "pv.kubernetes.io/bound-by-controller"
PROVISIONED_BY = "pv.kubernetes.io/provisioned-by"


def is_bound_to(volume: Manifest, claim: Manifest) -> bool:
    """Is the volume reserved for the claim, by its name and, where it has one, its uid?"""
    reference = volume["spec"].get("claimRef")
    if not reference:
        return False
    metadata = claim["metadata"]
    if (reference.get("namespace"), reference.get("name")) != (metadata["namespace"], metadata["name"]):
        return False
    return not reference.get("uid") or reference["uid"] == metadata["uid"]


def find_matching(
    store: ObjectStore, claim: Manifest, node: Manifest | None, excluded: tuple[str, ...] = ()
) -> Manifest | None:
    """The volume reserved for the claim, or the smallest free one that suits it (`FindMatchingVolume`). Without a node
    a claim that waits for its pod gets only what is reserved for it."""
    free: list[tuple[float, str, Manifest]] = []
    delayed = node is None and waits_for_consumer(store, claim)
    for volume in store.objects("PersistentVolume"):
        name = volume["metadata"]["name"]
        reserved = is_bound_to(volume, claim)
        if name in excluded or (volume["spec"].get("claimRef") and not reserved):
            continue
        if capacity(volume) < requested(claim) or mode(volume) != mode(claim) or deleting(volume):
            continue
        if reserved:
            return volume if node is None or allows(volume, node) else None
        if not delayed and _suits(volume, claim) and (node is None or allows(volume, node)):
            free.append((capacity(volume), name, volume))
    return min(free, key=lambda each: each[:2])[2] if free else None


def _suits(volume: Manifest, claim: Manifest) -> bool:
    selector = claim["spec"].get("selector")
    if (volume.get("status") or {}).get("phase") != "Available" or claim_class(volume) != claim_class(claim):
        return False
    if selector and not matches_selector(selector, labels_of(volume)):
        return False
    return has_modes(volume, claim)


def misfit(volume: Manifest, claim: Manifest) -> str:
    """Why a claim can't be bound to the volume that it names; empty where it can (`checkVolumeSatisfyClaim`)."""
    if capacity(volume) < requested(claim):
        return "requested PV is too small"
    if claim_class(volume) != claim_class(claim):
        return "storageClassName does not match"
    if mode(volume) != mode(claim):
        return "incompatible volumeMode"
    return "" if has_modes(volume, claim) else "incompatible accessMode"


def has_modes(volume: Manifest, claim: Manifest) -> bool:
    return set(claim["spec"].get("accessModes") or ()) <= set(volume["spec"].get("accessModes") or ())


def allows(volume: Manifest, node: Manifest) -> bool:
    """Does the volume's node affinity allow the node?"""
    required = (volume["spec"].get("nodeAffinity") or {}).get("required")
    return not required or any(node_term(term).matches(node) for term in required["nodeSelectorTerms"])


def capacity(volume: Manifest) -> float:
    return _storage(volume["spec"].get("capacity"))


def requested(claim: Manifest) -> float:
    return _storage((claim["spec"].get("resources") or {}).get("requests"))


def _storage(quantities: Mapping[str, Any] | None) -> float:
    return parse_quantity((quantities or {}).get("storage", 0))


def mode(item: Manifest) -> str:
    return str(item["spec"].get("volumeMode") or "Filesystem")


def reference_to(claim: Manifest) -> dict[str, Any]:
    """What a volume's claimRef says of the claim that it is for."""
    metadata = claim["metadata"]
    return {
        "kind": "PersistentVolumeClaim",
        "namespace": metadata["namespace"],
        "name": metadata["name"],
        "uid": metadata["uid"],
        "apiVersion": "v1",
        "resourceVersion": metadata["resourceVersion"],
    }


def bind_to(volume: Manifest, claim: Manifest) -> Manifest:
    """The volume, reserved for a claim."""
    by_user = is_bound_to(volume, claim)
    if by_user and volume["spec"]["claimRef"].get("uid") == uid_of(claim):
        return volume
    bound = {**volume, "spec": {**volume["spec"], "claimRef": reference_to(claim)}}
    return bound if by_user else with_annotations(bound, {BOUND_BY_CONTROLLER: "yes"})
