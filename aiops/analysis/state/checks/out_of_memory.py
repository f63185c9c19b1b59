"""A container that the kernel killed because it reached its memory limit."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.analysis.changes.mechanisms import image_mechanism
from aiops.analysis.state.before import image_before
from aiops.analysis.state.cluster import ClusterState, container_of, statuses
from aiops.analysis.state.effective import overrides
from aiops.analysis.state.registry import Finding, blame, check
from aiops.core.changes import FieldChange
from aiops.core.entity import Entity, Manifest
from aiops.core.evidence import Hypothesis
from aiops.core.mechanism import Mechanism
from aiops.core.moments import created_at, moment
from aiops.core.quantity import parse_quantity

SHAPED = 0.4
"""How far a kill speaks for the workload's own limit, where that is not the one that its pods have."""

SUFFICED = 0.65

OTHERS_LIMIT, OTHER_PROGRAM = 0.4, 0.7
"""How far a kill speaks for a limit that was meant for another program, and for the image that brought this one."""

RECENT = 3600.0
"""Seconds for which a kill says something about now."""


@check("out-of-memory")
def out_of_memory(state: ClusterState) -> Iterator[Finding]:
    """Containers whose last or present termination is an OOM kill."""
    for workload in state.workloads():
        entity = Entity.of(workload)
        killed = [
            (pod, status, ended)
            for pod in state.pods_of(entity)
            for status in statuses(pod)
            if (ended := _killed(status)) and state.now - (moment(ended.get("finishedAt")) or state.now) < RECENT
        ]
        for container in sorted({status["name"] for _, status, _ in killed}):
            yield _finding(state, entity, container, [k for k in killed if k[1]["name"] == container])


def _killed(status: Manifest) -> Manifest | None:
    for key in ("state", "lastState"):
        ended: Manifest = status.get(key, {}).get("terminated", {})
        if ended.get("reason") == "OOMKilled":
            return ended
    return None


def _finding(
    state: ClusterState, workload: Entity, container: str, killed: list[tuple[Manifest, Manifest, Manifest]]
) -> Finding:
    pods = sorted({pod["metadata"]["name"] for pod, _, _ in killed})
    restarts = sum(status.get("restartCount", 0) for _, status, _ in killed)
    limit = _limit(killed[0][0], container)
    path = f"spec.template.spec.containers[{container}].resources.limits.memory"
    earlier = _earlier_limit(state, workload, container, limit)
    strength = _strength(earlier, limit, restarts)
    foreign = _other_program(state, workload, killed[0][0], container) if strength == SUFFICED else ()
    strength = OTHERS_LIMIT if foreign else strength
    if _from_elsewhere(state, killed[0][0], container):
        strength = SHAPED
    return Finding(
        subject=workload,
        seen_in=Entity(kind="Pod", namespace=workload.namespace, name=pods[0]),
        summary=f"Container {container} of {workload} was killed for reaching its memory limit.",
        observed=f"OOMKilled in {len(pods)} pod(s), {restarts} restart(s), limit {limit or 'none'}",
        score=1.0,
        since=min((t for pod, _, ended in killed if (t := _since(pod, ended, state.now)) is not None), default=None),
        suggests=(*blame(workload, Mechanism.RESOURCE_MEMORY_LIMIT, strength, path, earlier), *foreign),
    )


def _other_program(state: ClusterState, workload: Entity, pod: Manifest, container: str) -> tuple[Hypothesis, ...]:
    """The image, where the revision before ran another program: the limit is not known to be too low for that one."""
    before = image_before(state, workload, container)
    image = (container_of({"spec": pod["spec"]}, container) or {}).get("image")
    if before is None or image_mechanism(FieldChange(path="", old=before, new=image)) is not Mechanism.IMAGE_WRONG:
        return ()
    path = f"spec.template.spec.containers[{container}].image"
    return blame(workload, Mechanism.IMAGE_WRONG, OTHER_PROGRAM, path, before)


def _from_elsewhere(state: ClusterState, pod: Manifest, container: str) -> bool:
    """Is the limit none that the template names? Another check says whose it is."""
    return any(
        one.container == container and (one.part, one.resource) == ("limits", "memory") for one in overrides(state, pod)
    )


def _strength(earlier: str | None, limit: str | None, restarts: int) -> float:
    """A limit that was lowered is to blame; one that always sufficed is reached by a process that needs more."""
    if earlier is not None and limit is not None and parse_quantity(earlier) > parse_quantity(limit):
        return 0.9 if restarts > 1 else 0.8
    return SUFFICED


def _since(pod: Manifest, ended: Manifest, now: float) -> float | None:
    """Only the last kill is on record. In a young pod the first one may have come at any time since its start."""
    created = created_at(pod)
    return created if created is not None and now - created < RECENT else moment(ended.get("finishedAt"))


def _limit(pod: Manifest, container: str) -> str | None:
    spec = container_of({"spec": pod["spec"]}, container) or {}
    limit = spec.get("resources", {}).get("limits", {}).get("memory")
    return None if limit is None else str(limit)


def _earlier_limit(state: ClusterState, workload: Entity, container: str, limit: str | None) -> str | None:
    """The limit of the newest earlier revision that had another one."""
    for template in state.templates(workload):
        spec = container_of(template, container) or {}
        earlier = spec.get("resources", {}).get("limits", {}).get("memory")
        if earlier is not None and earlier != limit:
            return str(earlier)
    return None
