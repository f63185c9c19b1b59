"""The status of a Deployment: its counts, and whether it progresses."""

from __future__ import annotations

from typing import Any

from aiops.core.clock import from_rfc3339, rfc3339
from aiops.core.entity import Manifest
from aiops.lab.control.workloads.rollout import bounds

Condition = dict[str, Any]
_COUNTS = ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas")


def deployment_status(
    deployment: Manifest, new: Manifest | None, old: list[Manifest], now: float
) -> tuple[dict[str, Any], float | None]:
    """The status as it should be, and the moment at which a rollout that stands still counts as failed."""
    before = deployment.get("status") or {}
    everything = [new, *old] if new else old
    counts = {
        "replicas": _total(everything, "replicas"),
        "updatedReplicas": _total([new] if new else [], "replicas"),
        "readyReplicas": _total(everything, "readyReplicas"),
        "availableReplicas": _total(everything, "availableReplicas"),
    }
    asked = sum(item["spec"]["replicas"] for item in everything)
    counts["unavailableReplicas"] = max(asked - counts["availableReplicas"], 0)
    status: dict[str, Any] = {name: count for name, count in counts.items() if count}
    status["observedGeneration"] = deployment["metadata"]["generation"]
    conditions = {entry["type"]: entry for entry in before.get("conditions") or ()}
    _set(conditions, _available(deployment, counts["availableReplicas"]), now)
    progressing = _progressing(deployment, new, {**status, "conditions": list(conditions.values())}, now)
    if progressing is not None:
        _set(conditions, progressing, now, touch=progressing["reason"] == "ReplicaSetUpdated")
    status["conditions"] = list(conditions.values())
    return status, _deadline(deployment, conditions.get("Progressing"), now)


def _total(replica_sets: list[Manifest], field: str) -> int:
    return sum(item.get("status", {}).get(field, 0) for item in replica_sets)


def complete(deployment: Manifest, status: dict[str, Any] | None = None) -> bool:
    """Are all replicas of the current template, available, and seen by the controller?"""
    status = deployment.get("status") or {} if status is None else status
    wanted = deployment["spec"]["replicas"]
    counts = (status.get("replicas", 0), status.get("updatedReplicas", 0), status.get("availableReplicas", 0))
    return counts == (wanted,) * 3 and status.get("observedGeneration") == deployment["metadata"]["generation"]


def _available(deployment: Manifest, available: int) -> Condition:
    replicas = deployment["spec"]["replicas"]
    least = replicas - bounds(deployment["spec"]["strategy"], replicas).unavailable
    if available >= least:
        return _condition("Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
    message = "Deployment does not have minimum availability."
    return _condition("Available", "False", "MinimumReplicasUnavailable", message)


def _progressing(deployment: Manifest, new: Manifest | None, status: dict[str, Any], now: float) -> Condition | None:
    """The condition after this look; None where it stays as it is."""
    last = next((c for c in status["conditions"] if c["type"] == "Progressing"), None)
    reason = last["reason"] if last else ""
    if deployment["spec"].get("paused"):
        return _condition("Progressing", "Unknown", "DeploymentPaused", "Deployment is paused")
    if reason == "DeploymentPaused":
        return _condition("Progressing", "Unknown", "DeploymentResumed", "Deployment is resumed")
    if new is None:
        return None
    name = f'ReplicaSet "{new["metadata"]["name"]}"'
    if complete(deployment, status):
        return _condition("Progressing", "True", "NewReplicaSetAvailable", f"{name} has successfully progressed.")
    if last is None:
        created = f'Created new replica set "{new["metadata"]["name"]}"'
        return _condition("Progressing", "True", "NewReplicaSetCreated", created)
    before = deployment.get("status") or {}
    if reason == "NewReplicaSetAvailable" and new["metadata"]["name"] in last["message"]:
        return None  # a rollout that was done stays done, whatever becomes of its pods
    if any(status.get(field, 0) != before.get(field, 0) for field in _COUNTS) or reason == "NewReplicaSetAvailable":
        return _condition("Progressing", "True", "ReplicaSetUpdated", f"{name} is progressing.")
    if (deadline := _deadline(deployment, last, -1.0)) is not None and deadline <= now:
        return _condition("Progressing", "False", "ProgressDeadlineExceeded", f"{name} has timed out progressing.")
    return None


def _deadline(deployment: Manifest, progressing: Condition | None, now: float) -> float | None:
    """When a rollout that goes on without progress fails; None where it can't or did."""
    if progressing is None or progressing["status"] != "True" or progressing["reason"] == "NewReplicaSetAvailable":
        return None
    moment = from_rfc3339(progressing["lastUpdateTime"]) + float(deployment["spec"]["progressDeadlineSeconds"])
    return moment if moment > now else None


def _condition(kind: str, status: str, reason: str, message: str) -> Condition:
    return {"type": kind, "status": status, "reason": reason, "message": message}


def _set(conditions: dict[str, Condition], wanted: Condition, now: float, *, touch: bool = False) -> None:
    """Put a condition in its place; the times move when it changes (`touch`: also when it only goes on)."""
    moment = rfc3339(now)
    old = conditions.get(wanted["type"])
    same = old is not None and all(old[field] == wanted[field] for field in ("status", "reason", "message"))
    if same and not touch:
        return
    since = old["lastTransitionTime"] if old is not None and old["status"] == wanted["status"] else moment
    conditions[wanted["type"]] = {**wanted, "lastUpdateTime": moment, "lastTransitionTime": since}
