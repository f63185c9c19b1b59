"""What a delete request asks for, and the marks that it leaves on an object.

Source: `BeforeDelete` and `deletionFinalizersForGarbageCollection` of the API server's generic registry.
"""

from __future__ import annotations

from dataclasses import dataclass

from aiops.core.clock import from_rfc3339, rfc3339
from aiops.core.entity import Manifest
from aiops.lab.kube.errors import ApiError
from aiops.lab.kube.kinds.resources import Resource
from aiops.lab.kube.objects import deleting, with_metadata

ORPHAN = "orphan"
FOREGROUND = "foregroundDeletion"
CLEANUP = "customresourcecleanup.apiextensions.k8s.io"
"""Keeps a definition until its objects are gone."""
FINISHED = ("Succeeded", "Failed")

JOB_WARNING = (
    "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set "
    "propagationPolicy=Orphan to suppress this warning"
)

LONGEST_GRACE = 10 * 365 * 86400
"""Seconds; beyond any clock's range there is no time of deletion to write down."""


@dataclass(frozen=True, slots=True)
class DeleteOptions:
    """`grace_seconds` is None for the object's own; `propagation` is Background, Foreground, Orphan, or empty for what
    the kind and the object's finalizers say."""

    grace_seconds: int | None = None
    propagation: str = ""
    uid: str = ""
    resource_version: str = ""
    dry_run: bool = False


def check_preconditions(resource: Resource, old: Manifest, options: DeleteOptions) -> None:
    """Refuse to delete another object than the one that is meant. Raises 409."""
    metadata = old["metadata"]
    if options.uid and options.uid != metadata["uid"]:
        why = f"the UID in the precondition ({options.uid}) does not match the UID in record ({metadata['uid']})"
        raise _conflict(resource, metadata["name"], f"{why}. The object might have been deleted and then recreated")
    version = metadata["resourceVersion"]
    if options.resource_version and options.resource_version != version:
        why = f"the ResourceVersion in the precondition ({options.resource_version}) does not match the "
        why += f"ResourceVersion in record ({version}). The object might have been modified"
        raise _conflict(resource, metadata["name"], why)


def _conflict(resource: Resource, name: str, why: str) -> ApiError:
    kind = f"{resource.kind}.{resource.group}" if resource.group else resource.kind
    group = {"group": resource.group} if resource.group else {}
    text = f'Operation cannot be fulfilled on {kind} "{name}": {why}'
    return ApiError(409, "Conflict", text, {"name": name, **group, "kind": resource.kind})


def mark_deleted(resource: Resource, old: Manifest, options: DeleteOptions, now: float) -> Manifest:
    """The object with its deletion marks: time, grace period, finalizers of the propagation, generation. The same
    object where nothing is left to mark."""
    if resource.kind == "Pod":
        marked = _mark_pod(old, options, now)
        if marked is None:
            return old
    else:
        marked = old
    marked = _with_finalizers(resource, marked, options)
    if resource.kind != "Pod" and _is_held(resource, marked):
        marked = _marked(marked, now, 0)
    if resource.kind == "CustomResourceDefinition" and not deleting(old):
        return _definition_marked(marked, old, now)
    if resource.kind == "Namespace" and marked is not old:
        marked = with_metadata(marked, deletionGracePeriodSeconds=None)
        return {**marked, "status": {**marked.get("status", {}), "phase": "Terminating"}}
    return marked


def _definition_marked(marked: Manifest, old: Manifest, now: float) -> Manifest:
    """As apiextensions' own storage marks a definition: without a grace period, with a condition."""
    status = old.get("status") or {}
    others = [entry for entry in status.get("conditions") or () if entry["type"] != "Terminating"]
    pending = {
        "type": "Terminating",
        "status": "True",
        "lastTransitionTime": rfc3339(now),
        "reason": "InstanceDeletionPending",
        "message": "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon",
    }
    marked = with_metadata(marked, generation=old["metadata"].get("generation"), deletionGracePeriodSeconds=None)
    return {**marked, "status": {**status, "conditions": [*others, pending]}}


def _is_held(resource: Resource, marked: Manifest) -> bool:
    if resource.kind == "Namespace":
        return True
    return bool(marked["metadata"].get("finalizers"))


def _mark_pod(old: Manifest, options: DeleteOptions, now: float) -> Manifest | None:
    """A pod has time to end; None where a deletion goes on that is no longer than this one."""
    wanted = options.grace_seconds
    if wanted is not None and wanted < 0:
        wanted = 1
    if not deleting(old):
        return _marked(old, now, _grace(old, wanted))
    present = old["metadata"].get("deletionGracePeriodSeconds") or 0
    if not present:
        return old
    if wanted is None or wanted >= present:
        return None
    moment = from_rfc3339(old["metadata"]["deletionTimestamp"]) - present + wanted
    if moment < now:
        moment, wanted = now, min(wanted, 1)
    return with_metadata(old, deletionTimestamp=rfc3339(moment), deletionGracePeriodSeconds=wanted)


def _marked(old: Manifest, now: float, grace: int) -> Manifest:
    metadata = old["metadata"]
    if deleting(old):
        return old
    generation = metadata.get("generation")
    return with_metadata(
        old,
        generation=generation + 1 if generation else None,
        deletionTimestamp=rfc3339(now + grace),
        deletionGracePeriodSeconds=grace,
    )


def _grace(old: Manifest, wanted: int | None) -> int:
    """Only a pod that a node runs needs time to end."""
    if not old["spec"].get("nodeName") or old.get("status", {}).get("phase") in FINISHED:
        return 0
    own = int(old["spec"].get("terminationGracePeriodSeconds", 30))
    return min(own if wanted is None else wanted, LONGEST_GRACE)


def _with_finalizers(resource: Resource, old: Manifest, options: DeleteOptions) -> Manifest:
    """The finalizers that the garbage collector heeds, as the propagation says."""
    before = list(old["metadata"].get("finalizers") or ())
    propagation = options.propagation or _default_propagation(resource, before)
    finalizers = [each for each in before if each not in (ORPHAN, FOREGROUND)]
    if propagation == "Orphan":
        finalizers.append(ORPHAN)
    elif propagation == "Foreground":
        finalizers.append(FOREGROUND)
    if resource.kind == "CustomResourceDefinition" and CLEANUP not in before and not deleting(old):
        finalizers.append(CLEANUP)
    if sorted(finalizers) == sorted(before):
        return old
    return with_metadata(old, finalizers=finalizers or None)


def _default_propagation(resource: Resource, finalizers: list[str]) -> str:
    """What an object was marked with before goes on; of Jobs the pods stay, as they always have."""
    if ORPHAN in finalizers or (resource.kind == "Job" and FOREGROUND not in finalizers):
        return "Orphan"
    return "Foreground" if FOREGROUND in finalizers else "Background"
