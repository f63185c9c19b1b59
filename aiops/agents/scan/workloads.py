"""Which workloads an object of the cluster concerns, and whether they serve."""

from __future__ import annotations

from collections.abc import Iterable

from aiops.analysis.state.cluster import ClusterState
from aiops.analysis.state.relations import affected
from aiops.analysis.state.rollout import rollout_of
from aiops.core.entity import Entity, Subject, ends
from aiops.tools.kit.pod_names import maker_of


def concerned(state: ClusterState, subject: Subject) -> tuple[Entity, ...]:
    """The workloads that an object or the ends of an edge belong to, select or configure."""
    return tuple(dict.fromkeys(workload for end in ends(subject) for workload in _of(state, end)))


def _of(state: ClusterState, entity: Entity) -> tuple[Entity, ...]:
    """Those of an object; of a pod or ReplicaSet that is gone, the one that its name tells."""
    found = affected(state, entity)
    if found or entity.kind not in ("Pod", "ReplicaSet"):
        return found
    maker = maker_of(entity.namespace, entity.name, map(Entity.of, state.workloads(entity.namespace)))
    return (maker,) if maker else ()


def failing_downstream(state: ClusterState, workloads: Iterable[Entity]) -> tuple[Entity, ...]:
    """The workloads that calls of these reach directly or through others, where each call on the way fails."""
    failing = [call for call in state.calls if call.error_ratio > 0]
    found = list(workloads)
    start = len(found)
    for one in found:
        for call in failing:
            if one in _of(state, call.source):
                service = state.service_of_host(call.host, call.source.namespace)
                found += [w for w in (_of(state, Entity.of(service)) if service else ()) if w not in found]
    return tuple(found[start:])


def serves_nobody(state: ClusterState, workloads: Iterable[Entity]) -> bool:
    """Is there a workload among these that wants pods and has none that is ready, as its own status says?"""
    found = (state.find(workload.kind, workload.namespace, workload.name) for workload in workloads)
    rollouts = [rollout_of(item) for item in found if item is not None]
    return any(rollout.desired > 0 and rollout.ready == 0 for rollout in rollouts)
