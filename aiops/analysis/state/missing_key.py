"""A key of a ConfigMap or Secret that a container needs and that is not there."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.analysis.state.cluster import ClusterState, containers
from aiops.analysis.state.registry import Finding, blame, check
from aiops.core.entity import Entity, Manifest
from aiops.core.mechanism import Mechanism

KINDS = {"configMapKeyRef": "ConfigMap", "secretKeyRef": "Secret"}


@check("missing-key")
def missing_key(state: ClusterState) -> Iterator[Finding]:
    """Environment variables that take their value from a key which does not exist."""
    for workload in state.workloads():
        for container in containers(workload):
            for variable in container.get("env", []):
                for reference, kind in KINDS.items():
                    source = variable.get("valueFrom", {}).get(reference)
                    if source and not source.get("optional"):
                        yield from _missing(state, Entity.of(workload), variable["name"], kind, source)


def _missing(state: ClusterState, workload: Entity, variable: str, kind: str, source: Manifest) -> Iterator[Finding]:
    # Where none of this kind was read at all, nothing can be said about one.
    if not state.of(kind):
        return
    config = Entity(kind=kind, namespace=workload.namespace, name=source["name"])
    found = state.find(kind, workload.namespace, source["name"])
    keys = {**(found or {}).get("data", {}), **(found or {}).get("binaryData", {})}
    if source["key"] in keys:
        return
    what = f"has no key {source['key']}" if found else "does not exist"
    yield Finding(
        subject=config,
        seen_in=workload,
        summary=f"{config} {what}, which {workload} needs for {variable}.",
        observed=f"{variable} from key {source['key']} of {config}; its keys: {', '.join(sorted(keys)) or 'none'}",
        score=1.0,
        suggests=blame(config, Mechanism.CONFIG_MISSING_KEY, 0.9, f"data.{source['key']}"),
    )
