"""What a delete request asks for, and the marks that it leaves on an object."""

from __future__ import annotations

from dataclasses import dataclass

from aiops.core.clock import rfc3339
from aiops.core.entity import Manifest
from aiops.lab.kube.kinds.resources import Resource
from aiops.lab.kube.objects import deleting, with_metadata

ORPHAN = "orphan"
FOREGROUND = "foregroundDeletion"
CLEANUP = "customresourcecleanup.apiextensions.k8s.io"
"""Keeps a definition until its objects are gone."""
FINISHED = ("Succeeded", "Failed")


LONGEST_GRACE = 10 * 365 * 86400
"""Seconds; beyond any clock's range there is no time of deletion to write down."""


@dataclass(frozen=True, slots=True)
class DeleteOptions:
    """`grace_seconds` is None for the object's own; `propagation` is Background, Foreground or Orphan."""

    grace_seconds: int | None = None
    propagation: str = "Background"
    uid: str = ""
    resource_version: str = ""


def mark_deleted(resource: Resource, old: Manifest, options: DeleteOptions, now: float) -> Manifest:
    """The object with its deletion marks: time, grace period, finalizers of the propagation."""
    finalizers = list(old["metadata"].get("finalizers") or ())
    for propagation, finalizer in (("Orphan", ORPHAN), ("Foreground", FOREGROUND)):
        if options.propagation == propagation and finalizer not in finalizers and not deleting(old):
            finalizers.append(finalizer)
    if resource.kind == "CustomResourceDefinition" and CLEANUP not in finalizers and not deleting(old):
        finalizers.append(CLEANUP)
    grace = _grace(resource, old, options)
    if deleting(old) and grace >= old["metadata"].get("deletionGracePeriodSeconds", 0):
        return old
    marked = with_metadata(
        old,
        finalizers=finalizers or None,
        deletionTimestamp=rfc3339(now + grace),
        deletionGracePeriodSeconds=grace,
    )
    if resource.kind == "Namespace":
        return {**marked, "status": {**marked.get("status", {}), "phase": "Terminating"}}
    return marked


def _grace(resource: Resource, old: Manifest, options: DeleteOptions) -> int:
    """Only a pod that a node runs needs time to end."""
    if resource.kind != "Pod" or not old["spec"].get("nodeName"):
        return 0
    if old.get("status", {}).get("phase") in FINISHED:
        return 0
    own = int(old["spec"].get("terminationGracePeriodSeconds", 30))
    wanted = own if options.grace_seconds is None else max(options.grace_seconds, 0)
    return min(wanted, LONGEST_GRACE)
