"""Whether something may be stopped without taking away what others call."""

from __future__ import annotations

from aiops.analysis.state.cluster import ClusterState
from aiops.core.entity import Entity


def serves_others(state: ClusterState, workload: Entity) -> bool:
    """Does a Service select its pods?"""
    services = state.of("Service", workload.namespace)
    return any(Entity.of(backend) == workload for service in services for backend in state.backends(service))
