"""The objects between which calls go: Services, workloads and pods."""

from __future__ import annotations

from aiops.analysis.state.cluster import ClusterState
from aiops.analysis.state.owners import workload_of
from aiops.core.entity import WORKLOAD_KINDS, Entity, Manifest
from aiops.tools.kit.context import Context
from aiops.tools.kit.pod_names import maker_of

TOPOLOGY_KINDS = (*WORKLOAD_KINDS, "Pod", "Service")


async def read_topology(ctx: Context, namespace: str = "") -> ClusterState:
    """Services, workloads and pods of a namespace, or of all that may be looked at."""
    found: list[Manifest] = []
    for scope in ctx.scope(namespace):
        for kind in TOPOLOGY_KINDS:
            found += await ctx.kube.list(kind, scope)
    return ClusterState(found, await ctx.clock.sync())


def workload_named(state: ClusterState, namespace: str, pod: str) -> Entity | None:
    """What a pod of this name belongs to. A pod that is gone is told by its name."""
    found = state.find("Pod", namespace, pod)
    if found is not None:
        return state.workload(found) or workload_of(found)
    return maker_of(namespace, pod, [Entity.of(workload) for workload in state.workloads(namespace)])


def reached(state: ClusterState, service: Entity) -> tuple[Entity, ...]:
    """The workloads whose pods the selector of a Service takes."""
    manifest = state.find("Service", service.namespace, service.name)
    return tuple(Entity.of(workload) for workload in state.backends(manifest)) if manifest else ()
