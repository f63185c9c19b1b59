"""A Service none of whose pods is ready."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.analysis.state.cluster import ClusterState, is_ready
from aiops.analysis.state.registry import Finding, check
from aiops.core.entity import Entity


@check("no-ready-endpoint", whole=("Pod",))
def no_ready_endpoint(state: ClusterState) -> Iterator[Finding]:
    """Services that select pods of which not one is ready. Another check says why."""
    for service in state.of("Service"):
        pods = state.selected(service)
        if pods and not any(is_ready(pod) for pod in pods):
            entity = Entity.of(service)
            yield Finding(
                subject=entity,
                seen_in=entity,
                summary=f"None of the {len(pods)} pods behind {entity} is ready.",
                observed=", ".join(
                    f"{p['metadata']['name']}: {p.get('status', {}).get('phase', '?')}" for p in pods[:5]
                ),
                score=1.0,
            )
