"""Whose fault it is that a container refers to a ConfigMap, a Secret or a key that is not there."""

from __future__ import annotations

from aiops.analysis.state.before import container_before, template_before
from aiops.analysis.state.cluster import ClusterState
from aiops.analysis.state.containers.key_references import KeyReference, key_references
from aiops.analysis.state.registry import blame
from aiops.core.entity import Entity
from aiops.core.evidence import Hypothesis
from aiops.core.mechanism import Mechanism


def missing_config(
    state: ClusterState, workload: Entity, container: str, missing: KeyReference, strength: float
) -> tuple[Hypothesis, ...]:
    """The object that lacks what is asked for, or is not there (`missing.key` is empty then); the workload instead
    where it began to ask for that with its newest revision."""
    mechanism = Mechanism.CONFIG_MISSING_KEY if missing.key else Mechanism.CONFIG_OBJECT_MISSING
    if _asked_otherwise(state, workload, container, missing):
        path = f"spec.template.spec.containers[{container}]"
        field = f"{path}.env[{missing.variable}]" if missing.named else f"{path}.envFrom"
        return blame(workload, mechanism, strength, field)
    return blame(missing.config, mechanism, strength, f"data.{missing.key}" if missing.key else None)


def _asked_otherwise(state: ClusterState, workload: Entity, container: str, missing: KeyReference) -> bool:
    """Did the revision before, which ran, not refer to this?"""
    before = container_before(state, workload, container)
    if before is None or template_before(state, workload) is None:
        return False
    former = key_references(before, workload.namespace)
    return not any((r.config, r.key) == (missing.config, missing.key or r.key) for r in former)
