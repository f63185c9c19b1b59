"""A rollout whose own settings let it neither go on nor come to its end."""

from __future__ import annotations

import math
from collections.abc import Iterator

from aiops.analysis.state.cluster import ClusterState, is_ready, pod_template
from aiops.analysis.state.owners import controller
from aiops.analysis.state.registry import Finding, blame, check
from aiops.core.entity import Entity, Manifest
from aiops.core.mechanism import Mechanism
from aiops.core.moments import moment

PROOF, LIKELY = 0.93, 0.7

WAITED = 120.0
"""Seconds for which pods have to be ready and not yet available, for `minReadySeconds` to be in the way."""

LONG = 300
"""`minReadySeconds` from which nobody waits for a rollout."""


@check("rollout-settings")
def rollout_settings(state: ClusterState) -> Iterator[Finding]:
    """Rollouts that wait for nothing else than their strategy: paused, held back, with no pod to give up, or with all
    pods given up at once."""
    for workload in state.workloads():
        found = _DEPLOYMENT if workload["kind"] == "Deployment" else _OTHERS
        for look in found:
            told = look(state, workload)
            if told is not None:
                yield told
                break


def _finding(workload: Manifest, summary: str, observed: str, strength: float, field: str) -> Finding:
    entity = Entity.of(workload)
    conditions = {c["type"]: c for c in workload.get("status", {}).get("conditions") or []}
    since = conditions.get("Progressing", {}).get("lastUpdateTime")
    return Finding(
        subject=entity,
        seen_in=entity,
        summary=summary,
        observed=observed,
        score=0.8,
        since=moment(since),
        suggests=blame(entity, Mechanism.ROLLOUT_STRATEGY, strength, field),
    )


def _paused(state: ClusterState, deployment: Manifest) -> Finding | None:
    if not deployment["spec"].get("paused") or not _unfinished(state, deployment):
        return None
    entity = Entity.of(deployment)
    summary = f"The rollout of {entity} is paused."
    return _finding(deployment, summary, "spec.paused: true, and its pods are older", PROOF, "spec.paused")


def _no_room(state: ClusterState, deployment: Manifest) -> Finding | None:
    """No old pod may go before a new one is there, and no node takes a new one beside the old ones."""
    spec = deployment["spec"]
    strategy = spec.get("strategy") or {}
    rolling = strategy.get("rollingUpdate") or {}
    wanted = int(spec.get("replicas", 1))
    if strategy.get("type") == "Recreate" or _amount(rolling.get("maxUnavailable", "25%"), wanted, down=True) > 0:
        return None
    entity = Entity.of(deployment)
    pods = state.pods_of(entity)
    pending = [pod for pod in pods if _unschedulable(pod)]
    ready = [pod for pod in pods if is_ready(pod)]
    if not pending or len(ready) < wanted or not any(_in_the_way(pod, ready) for pod in pending):
        return None
    summary = f"{entity} may give up no old pod, and there is no room for a new one beside them."
    path = "spec.strategy.rollingUpdate.maxUnavailable"
    observed = f"maxUnavailable {rolling.get('maxUnavailable')} of {wanted}; {_unschedulable(pending[0])}"
    return _finding(deployment, summary, observed, PROOF, path)


def _not_available(state: ClusterState, deployment: Manifest) -> Finding | None:
    """Ready pods do not count as available, since they have to be ready for very long."""
    least = int(deployment["spec"].get("minReadySeconds", 0))
    if least < LONG or not _unfinished(state, deployment):
        return None
    waiting = [pod for pod in state.pods_of(Entity.of(deployment)) if _ready_for(state, pod) >= min(WAITED, least)]
    if not any(_ready_for(state, pod) < least for pod in waiting):
        return None
    summary = f"New pods of {Entity.of(deployment)} are ready and have to stay so for {least} s before they count."
    return _finding(deployment, summary, f"minReadySeconds {least}", PROOF, "spec.minReadySeconds")


def _all_at_once(_: ClusterState, deployment: Manifest) -> Finding | None:
    """All pods are given up before a new one is ready."""
    spec, status = deployment["spec"], deployment.get("status", {})
    strategy, wanted = spec.get("strategy") or {}, int(spec.get("replicas", 1))
    rolling = strategy.get("rollingUpdate") or {}
    recreate = strategy.get("type") == "Recreate"
    gives_all = recreate or _amount(rolling.get("maxUnavailable", "25%"), wanted, down=True) >= wanted
    if not gives_all or wanted < 2 or status.get("availableReplicas", 0) or not status.get("updatedReplicas", 0):
        return None
    entity = Entity.of(deployment)
    field = "spec.strategy.type" if recreate else "spec.strategy.rollingUpdate.maxUnavailable"
    observed = f"strategy {strategy}; none of {wanted} replicas is available"
    return _finding(deployment, f"The rollout of {entity} gave up all of its pods at once.", observed, LIKELY, field)


def _held_back(_: ClusterState, workload: Manifest) -> Finding | None:
    """A StatefulSet or DaemonSet that leaves its old pods as they are."""
    status = workload.get("status", {})
    strategy = workload["spec"].get("updateStrategy") or {}
    daemon = workload["kind"] == "DaemonSet"
    wanted = int(status.get("desiredNumberScheduled", 0) if daemon else workload["spec"].get("replicas", 1))
    updated = int(status.get("updatedNumberScheduled" if daemon else "updatedReplicas", 0))
    behind = status.get("updateRevision") != status.get("currentRevision") if not daemon else True
    if not wanted or updated >= wanted or not behind:
        return None
    entity = Entity.of(workload)
    partition = int((strategy.get("rollingUpdate") or {}).get("partition") or 0)
    if strategy.get("type") == "OnDelete":
        field, what = "spec.updateStrategy.type", "OnDelete"
    elif partition > 0:
        field, what = "spec.updateStrategy.rollingUpdate.partition", f"partition {partition}"
    else:
        return None
    summary = f"{entity} keeps old pods beside its newest revision."
    return _finding(workload, summary, f"updateStrategy {what}; {updated} of {wanted} updated", LIKELY, field)


_DEPLOYMENT = (_paused, _no_room, _not_available, _all_at_once)
_OTHERS = (_held_back,)


def _unfinished(state: ClusterState, deployment: Manifest) -> bool:
    """Are there fewer pods of the present template than asked for, or is there none of it at all?"""
    wanted = int(deployment["spec"].get("replicas", 1))
    status = deployment.get("status", {})
    if status.get("updatedReplicas", 0) < wanted or status.get("availableReplicas", 0) < wanted:
        return True
    owner = (deployment["kind"], deployment["metadata"]["name"])
    namespace = deployment["metadata"].get("namespace", "")
    sets = [item for item in state.of("ReplicaSet", namespace) if controller(item) == owner]
    present = pod_template(deployment).get("spec")
    return bool(sets) and all(pod_template(item).get("spec") != present for item in sets)


def _amount(value: int | str, of: int, *, down: bool) -> int:
    """A number of pods, or a share of them: Kubernetes rounds unavailable ones down and surplus ones up."""
    if isinstance(value, int):
        return value
    share = float(str(value).rstrip("%")) * of / 100
    return math.floor(share) if down else math.ceil(share)


def _unschedulable(pod: Manifest) -> str:
    for condition in pod.get("status", {}).get("conditions") or []:
        if condition["type"] == "PodScheduled" and condition["status"] == "False":
            return str(condition.get("message") or condition.get("reason"))
    return ""


def _in_the_way(pending: Manifest, ready: list[Manifest]) -> bool:
    """Would there be room if one of the old pods went? So where pods keep away from their like, share a port of the
    node, or fill the nodes."""
    said = _unschedulable(pending)
    own = ("anti-affinity", "free ports", "Insufficient", "topology spread")
    return any(reason in said for reason in own) and bool(ready)


def _ready_for(state: ClusterState, pod: Manifest) -> float:
    """Seconds since a pod is ready; 0 where it is not."""
    for condition in pod.get("status", {}).get("conditions") or []:
        if condition["type"] == "Ready" and condition["status"] == "True":
            return state.now - (moment(condition.get("lastTransitionTime")) or state.now)
    return 0.0
