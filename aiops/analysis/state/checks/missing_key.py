"""A key of a ConfigMap that a container needs and that is not there."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.analysis.state.cluster import ClusterState, containers
from aiops.analysis.state.containers.key_references import KeyReference, key_references, keys_of
from aiops.analysis.state.containers.missing_config import missing_config
from aiops.analysis.state.registry import Finding, check
from aiops.core.entity import Entity


@check("missing-key", whole=("ConfigMap",))
def missing_key(state: ClusterState) -> Iterator[Finding]:
    """Environment variables that take their value from a key which does not exist."""
    for workload in state.workloads():
        entity = Entity.of(workload)
        for container in containers(workload):
            for reference in key_references(container, entity.namespace):
                if reference.key and not reference.optional:
                    yield from _missing(state, entity, container["name"], reference)


def _missing(state: ClusterState, workload: Entity, container: str, reference: KeyReference) -> Iterator[Finding]:
    config = reference.config
    # Where none of this kind was read at all, nothing can be said about one.
    if not state.of(config.kind):
        return
    found = state.find(config.kind, config.namespace, config.name)
    keys = keys_of(found or {})
    if reference.key in keys:
        return
    what = f"has no key {reference.key}" if found else "does not exist"
    yield Finding(
        subject=workload,
        seen_in=workload,
        summary=f"{config} {what}, which {workload} needs for {reference.variable}.",
        observed=f"{reference.variable} from key {reference.key} of {config}; its keys: {', '.join(keys) or 'none'}",
        score=1.0,
        suggests=missing_config(state, workload, container, reference if found else reference.whole(), 0.9),
    )
