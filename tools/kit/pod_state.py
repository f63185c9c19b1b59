"""What a Pod object says about its containers, in a form that is short and typed."""

from __future__ import annotations

from typing import Any, Literal

from aiops.analysis.state.owners import workload_of
from aiops.core.entity import Entity, Manifest
from aiops.core.model import Value
from aiops.core.moments import created_at, moment


class ContainerState(Value):
    """One container. `reason` and `message` belong to `state`; `last_*` to the run before (times: unix seconds)."""

    name: str
    image: str
    ready: bool
    restarts: int
    state: Literal["waiting", "running", "terminated", "unknown"]
    reason: str = ""
    message: str = ""
    started_at: float | None = None
    exit_code: int | None = None
    last_reason: str = ""
    last_exit_code: int | None = None
    last_finished_at: float | None = None


class PodSummary(Value):
    """One pod. `workload` is what it belongs to, past its ReplicaSet; `problems` are sentences, empty when well."""

    entity: Entity
    workload: Entity | None
    labels: dict[str, str]
    phase: str
    ready: bool
    reason: str = ""
    message: str = ""
    node: str = ""
    ip: str = ""
    created_at: float
    started_at: float | None = None
    containers: tuple[ContainerState, ...]
    problems: tuple[str, ...]


def summarise(pod: Manifest) -> PodSummary:
    """The summary of a raw pod."""
    meta, status = pod["metadata"], pod.get("status", {})
    conditions = {c["type"]: c for c in status.get("conditions", [])}
    ready = conditions.get("Ready", {}).get("status") == "True"
    states = status.get("initContainerStatuses", []) + status.get("containerStatuses", [])
    containers = tuple(_container(state) for state in states)
    return PodSummary(
        entity=Entity.of(pod),
        workload=workload_of(pod),
        labels=meta.get("labels", {}),
        phase=status.get("phase", "Unknown"),
        ready=ready,
        reason=status.get("reason", ""),
        message=status.get("message", ""),
        node=pod.get("spec", {}).get("nodeName", ""),
        ip=status.get("podIP", ""),
        created_at=created_at(pod) or 0.0,
        started_at=moment(status.get("startTime")),
        containers=containers,
        problems=tuple(_problems(pod, conditions, containers, ready=ready)),
    )


def _container(state: dict[str, Any]) -> ContainerState:
    name, detail = _which(state.get("state", {}))
    last = state.get("lastState", {}).get("terminated", {})
    return ContainerState(
        name=state["name"],
        image=state.get("image", ""),
        ready=bool(state.get("ready")),
        restarts=int(state.get("restartCount", 0)),
        state=name,
        reason=detail.get("reason", ""),
        message=detail.get("message", ""),
        started_at=moment(detail.get("startedAt")),
        exit_code=detail.get("exitCode"),
        last_reason=last.get("reason", ""),
        last_exit_code=last.get("exitCode"),
        last_finished_at=moment(last.get("finishedAt")),
    )


def _which(state: dict[str, Any]) -> tuple[Literal["waiting", "running", "terminated", "unknown"], dict[str, Any]]:
    if "waiting" in state:
        return "waiting", state["waiting"] or {}
    if "running" in state:
        return "running", state["running"] or {}
    if "terminated" in state:
        return "terminated", state["terminated"] or {}
    return "unknown", {}


def _problems(
    pod: Manifest, conditions: dict[str, Any], containers: tuple[ContainerState, ...], *, ready: bool
) -> list[str]:
    if pod.get("status", {}).get("phase") == "Succeeded":
        return []
    found = []
    if pod["metadata"].get("deletionTimestamp"):
        found.append("is being deleted")
    scheduled = conditions.get("PodScheduled", {})
    if scheduled.get("status") == "False":
        found.append(f"is not scheduled: {scheduled.get('message', scheduled.get('reason', ''))}")
    for item in containers:
        found += _container_problems(item)
    if not ready and not found:
        found.append("is not ready")
    return found


def _container_problems(item: ContainerState) -> list[str]:
    found = []
    if item.state == "waiting" and item.reason not in ("ContainerCreating", "PodInitializing"):
        found.append(f"container {item.name} waits: {item.reason}{': ' if item.message else ''}{item.message}")
    if item.state == "terminated" and item.exit_code:
        found.append(f"container {item.name} ended: {item.reason} (exit code {item.exit_code})")
    if item.last_exit_code:
        found.append(
            f"container {item.name} restarted {item.restarts} times, last: {item.last_reason} "
            f"(exit code {item.last_exit_code})"
        )
    return found
