"""Which events can help a pod that fits nowhere, as the plug-ins' queueing hints say."""

from __future__ import annotations

from aiops.lab.control.scheduling.view import NOT_FAR, NOT_NEAR, REJECTED, UNSPREAD
from aiops.lab.control.scheduling.volumes import (
    BIND_CONFLICT,
    IN_USE,
    NO_VOLUME,
    NODE_CONFLICT,
    ZONE_CONFLICT,
)
from aiops.lab.kube.objects import labels_of
from aiops.lab.kube.storage.deletion import FINISHED
from aiops.lab.kube.storage.history import Write

NODE_ADDED, ROOM, TAINTS, LABELS = "node-added", "room", "taints", "labels"
POD_LEFT, POD_LEAVES, POD_CAME, VOLUMES = "pod-left", "pod-leaves", "pod-came", "volumes"
NOTHING: frozenset[str] = frozenset()

_HELPS: dict[str, tuple[str, ...]] = {
    "node(s) were unschedulable": (TAINTS,),
    "node(s) had untolerated taint(s)": (TAINTS,),
    "node(s) didn't match Pod's node affinity/selector": (LABELS,),
    "node(s) didn't satisfy plugin(s) [NodeAffinity]": (LABELS,),
    "node(s) didn't match the requested node name": (),
    "node(s) didn't have free ports for the requested pod ports": (POD_LEFT,),
    UNSPREAD: (LABELS, TAINTS, POD_LEFT, POD_CAME, POD_LEAVES),
    f"{UNSPREAD} (missing required label)": (LABELS,),
    NOT_NEAR: (LABELS, POD_CAME),
    NOT_FAR: (LABELS, POD_LEFT),
    REJECTED: (LABELS, POD_LEFT),
    NODE_CONFLICT: (LABELS, VOLUMES),
    BIND_CONFLICT: (LABELS, VOLUMES),
    NO_VOLUME: (VOLUMES,),
    ZONE_CONFLICT: (LABELS, VOLUMES),
    IN_USE: (POD_LEFT,),
}
_VOLUME_KINDS = ("PersistentVolumeClaim", "PersistentVolume", "StorageClass")


def helpful(reasons: set[str]) -> frozenset[str]:
    """The kinds of events that can help against any of the reasons."""
    found = {NODE_ADDED}
    for reason in reasons:
        if reason.startswith("Insufficient") or reason == "Too many pods":
            found |= {ROOM, POD_LEFT}
        elif reason in _HELPS:
            found.update(_HELPS[reason])
        else:
            found.add(VOLUMES)
    return frozenset(found)


def happened(write: Write) -> frozenset[str]:
    """The kinds of events that a write is."""
    if write.kind == "Pod":
        return _pod(write)
    if write.kind == "Node":
        return _node(write)
    return frozenset((VOLUMES,)) if write.kind in _VOLUME_KINDS else NOTHING


def _pod(write: Write) -> frozenset[str]:
    new, old = write.new, write.old
    if not new["spec"].get("nodeName"):
        return NOTHING
    ended = write.type == "DELETED" or (new.get("status") or {}).get("phase") in FINISHED
    if ended:
        known = old is not None and (old.get("status") or {}).get("phase") in FINISHED
        return NOTHING if known else frozenset((POD_LEFT,))
    if old is None or not old["spec"].get("nodeName"):
        return frozenset((POD_CAME,))
    if labels_of(old) != labels_of(new):
        return frozenset((POD_CAME, POD_LEFT))
    if "deletionTimestamp" in new["metadata"] and "deletionTimestamp" not in old["metadata"]:
        # Spreading no longer counts a pod that is on its way out.
        return frozenset((POD_LEAVES,))
    if old["spec"] is not new["spec"] and old["spec"].get("containers") != new["spec"].get("containers"):
        return frozenset((POD_LEFT,))
    return NOTHING


def _node(write: Write) -> frozenset[str]:
    new, old = write.new, write.old
    if write.type == "DELETED":
        return frozenset((LABELS,))
    if old is None:
        return frozenset((NODE_ADDED,))
    found = set()
    if (new.get("status") or {}).get("allocatable") != (old.get("status") or {}).get("allocatable"):
        found.add(ROOM)
    if labels_of(new) != labels_of(old):
        found.add(LABELS)
    if any(new["spec"].get(field) != old["spec"].get(field) for field in ("taints", "unschedulable")):
        found.add(TAINTS)
    return frozenset(found)
