"""The status of a Deployment: its counts, and whether it progresses."""

from __future__ import annotations

from typing import Any

from aiops.core.clock import from_rfc3339, rfc3339
from aiops.core.entity import Manifest
from aiops.lab.control.workloads.rollout import bounds
from aiops.lab.kube.objects import condition

Condition = dict[str, Any]
Status = dict[str, Any]

NO_DEADLINE = 2**31 - 1
"""A deadline or limit of so many is none."""

DONE, TIMED_OUT = "NewReplicaSetAvailable", "ProgressDeadlineExceeded"
FAILURE = "ReplicaFailure"


def counted(deployment: Manifest, new: Manifest | None, old: list[Manifest], now: float) -> Status:
    """The status with its counts and the condition Available, as `calculateStatus` makes it."""
    everything = [new, *old] if new else old
    before = deployment.get("status") or {}
    available = _total(everything, "availableReplicas")
    asked = sum(item["spec"]["replicas"] for item in everything)
    counts = {
        "replicas": _total(everything, "replicas"),
        "updatedReplicas": _total([new] if new else [], "replicas"),
        "readyReplicas": _total(everything, "readyReplicas"),
        "availableReplicas": available,
        "unavailableReplicas": max(asked - available, 0),
        "collisionCount": before.get("collisionCount"),
    }
    status: Status = {name: count for name, count in counts.items() if count}
    status["observedGeneration"] = deployment["metadata"]["generation"]
    if (terminating := _terminating(everything)) is not None:
        status["terminatingReplicas"] = terminating
    status["conditions"] = list(before.get("conditions") or ())
    set_condition(status, _available(deployment, available), now)
    return status


def rolled_out(deployment: Manifest, new: Manifest | None, old: list[Manifest], now: float) -> Status:
    """The status after a look at the rollout: `counted`, and the conditions Progressing and ReplicaFailure."""
    status = counted(deployment, new, old, now)
    before = _find(deployment.get("status") or {}, "Progressing")
    if not has_deadline(deployment):
        remove_condition(status, "Progressing")
    elif not _was_complete(status, before):
        _progress(deployment, new, status, before, now)
    failure = _failure(new, old)
    if failure is not None:
        set_condition(status, failure, now)
    else:
        remove_condition(status, FAILURE)
    return status


def _was_complete(status: Status, progressing: Condition | None) -> bool:
    """A rollout that was done stays done, whatever becomes of its pods."""
    whole = status.get("replicas", 0) == status.get("updatedReplicas", 0)
    return whole and progressing is not None and progressing.get("reason") == DONE


def _progress(deployment: Manifest, new: Manifest | None, status: Status, before: Condition | None, now: float) -> None:
    what = f'ReplicaSet "{new["metadata"]["name"]}"' if new else f'Deployment "{deployment["metadata"]["name"]}"'
    if complete(deployment, status):
        set_condition(status, progressing("True", DONE, f"{what} has successfully progressed."), now)
    elif _progresses(deployment.get("status") or {}, status):
        entry = progressing("True", "ReplicaSetUpdated", f"{what} is progressing.")
        remove_condition(status, "Progressing")
        set_condition(status, entry, now)
        if before is not None and before["status"] == "True" and before.get("lastTransitionTime"):
            status["conditions"][-1]["lastTransitionTime"] = before["lastTransitionTime"]
    elif _timed_out(deployment, before, now):
        set_condition(status, progressing("False", TIMED_OUT, f"{what} has timed out progressing."), now)


def complete(deployment: Manifest, status: Status) -> bool:
    """Are all replicas of the current template, available, and seen by the controller?"""
    wanted = deployment["spec"]["replicas"]
    counts = [status.get(name, 0) for name in ("replicas", "updatedReplicas", "availableReplicas")]
    return counts == [wanted] * 3 and status.get("observedGeneration", 0) >= deployment["metadata"]["generation"]


def _progresses(before: Status, status: Status) -> bool:
    def old(counts: Status) -> int:
        return int(counts.get("replicas", 0) - counts.get("updatedReplicas", 0))

    grown = ("updatedReplicas", "readyReplicas", "availableReplicas")
    return old(status) < old(before) or any(status.get(name, 0) > before.get(name, 0) for name in grown)


def _timed_out(deployment: Manifest, entry: Condition | None, now: float) -> bool:
    if entry is None or entry.get("reason") == DONE:
        return False
    return entry.get("reason") == TIMED_OUT or _deadline(deployment, entry) < now


def _deadline(deployment: Manifest, entry: Condition) -> float:
    """When a rollout that has last moved with this condition is late; one of which nobody says when is late at once."""
    moved = entry.get("lastUpdateTime") or entry.get("lastTransitionTime")
    return (from_rfc3339(moved) if moved else 0.0) + float(deployment["spec"]["progressDeadlineSeconds"])


def stuck_at(deployment: Manifest, now: float) -> float | None:
    """When to look whether a rollout that goes on has run into its deadline; None where it can't."""
    entry = condition(deployment, "Progressing")
    if not has_deadline(deployment) or entry is None or entry.get("reason") == TIMED_OUT:
        return None
    if complete(deployment, deployment["status"]):
        return None
    moment = _deadline(deployment, entry) + 1
    return moment if moment > now else None


def paused(deployment: Manifest, now: float) -> Status | None:
    """The status after a pause or its end is noted; None where there is nothing to note."""
    entry = condition(deployment, "Progressing")
    if not has_deadline(deployment) or (entry is not None and entry.get("reason") == TIMED_OUT):
        return None
    is_paused = bool(deployment["spec"].get("paused"))
    if is_paused == (entry is not None and entry.get("reason") == "DeploymentPaused"):
        return None
    if is_paused:
        return with_condition(deployment, progressing("Unknown", "DeploymentPaused", "Deployment is paused"), now)
    return with_condition(deployment, progressing("Unknown", "DeploymentResumed", "Deployment is resumed"), now)


def has_deadline(deployment: Manifest) -> bool:
    return bool(deployment["spec"].get("progressDeadlineSeconds", NO_DEADLINE) != NO_DEADLINE)


def _available(deployment: Manifest, available: int) -> Condition:
    replicas = deployment["spec"]["replicas"]
    least = replicas - bounds(deployment["spec"]["strategy"], replicas).unavailable
    if available >= least:
        return _condition("Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
    message = "Deployment does not have minimum availability."
    return _condition("Available", "False", "MinimumReplicasUnavailable", message)


def _failure(new: Manifest | None, old: list[Manifest]) -> Condition | None:
    """The first ReplicaSet's condition that its pods can't be made."""
    entries = [condition(item, FAILURE) for item in ([new, *old] if new else old)]
    entry = next((entry for entry in entries if entry is not None), None)
    if entry is None:
        return None
    moved = entry.get("lastTransitionTime")
    said = {"reason": "", "message": "", **entry}
    return {**said, "lastUpdateTime": moved} if moved else said


def _total(replica_sets: list[Manifest], field: str) -> int:
    return sum((item.get("status") or {}).get(field, 0) for item in replica_sets)


def _terminating(replica_sets: list[Manifest]) -> int | None:
    """Pods that are ending; None where a ReplicaSet does not say."""
    seen = [item["status"] for item in replica_sets if (item.get("status") or {}).get("observedGeneration")]
    counts = [status.get("terminatingReplicas") for status in seen]
    return None if None in counts else sum(counts)


# ---- conditions


def progressing(status: str, reason: str, message: str) -> Condition:
    return _condition("Progressing", status, reason, message)


def _condition(kind: str, status: str, reason: str, message: str) -> Condition:
    return {"type": kind, "status": status, "reason": reason, "message": message}


def _find(status: Status, kind: str) -> Condition | None:
    return next((entry for entry in status.get("conditions") or () if entry["type"] == kind), None)


def with_condition(deployment: Manifest, wanted: Condition, now: float) -> Status:
    status = dict(deployment.get("status") or {})
    set_condition(status, wanted, now)
    return status


def set_condition(status: Status, wanted: Condition, now: float) -> None:
    """Put a condition last, unless there is one with the same status and reason; `status` is changed."""
    old = _find(status, wanted["type"])
    if old is not None and (old["status"], old.get("reason")) == (wanted["status"], wanted["reason"]):
        return
    moment = rfc3339(now)
    known = old.get("lastTransitionTime") if old is not None and old["status"] == wanted["status"] else None
    since = known or moment
    entry = {"lastUpdateTime": moment, **wanted, "lastTransitionTime": wanted.get("lastTransitionTime", since)}
    status["conditions"] = [*(e for e in status.get("conditions") or () if e["type"] != wanted["type"]), entry]


def remove_condition(status: Status, kind: str) -> None:
    if _find(status, kind) is not None:
        status["conditions"] = [entry for entry in status["conditions"] if entry["type"] != kind]
