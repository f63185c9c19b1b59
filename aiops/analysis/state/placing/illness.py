"""What a node's own conditions say is wrong with it: the cluster keeps pods from it by itself then."""

from __future__ import annotations

from aiops.core.entity import Entity, Manifest
from aiops.core.evidence import Hypothesis
from aiops.core.mechanism import Mechanism

PRESSURES = {"DiskPressure": Mechanism.NODE_DISK_PRESSURE, "MemoryPressure": Mechanism.NODE_MEMORY_PRESSURE}

SAYS_SO = 0.9
"""Strength of a condition that holds now."""

SILENT = 0.6
"""A kubelet that says nothing any more: whether its machine runs, other sources have to tell."""


def conditions_of(node: Manifest) -> dict[str, Manifest]:
    """A node's conditions by their type."""
    return {c["type"]: c for c in node.get("status", {}).get("conditions") or []}


def illnesses(node: Manifest) -> tuple[Hypothesis, ...]:
    """What its conditions speak for now; nothing of a node that is well."""
    entity, conditions = Entity(kind="Node", name=node["metadata"]["name"]), conditions_of(node)
    return (
        *unready(entity, conditions.get("Ready", {})),
        *(
            Hypothesis(subject=entity, mechanism=mechanism, strength=SAYS_SO)
            for kind, mechanism in PRESSURES.items()
            if conditions.get(kind, {}).get("status") == "True"
        ),
    )


def unready(node: Entity, condition: Manifest) -> tuple[Hypothesis, ...]:
    """What the condition Ready speaks for, where the node is not ready."""
    if condition.get("status") in ("True", None):
        return ()
    if condition.get("status") != "Unknown":
        return (Hypothesis(subject=node, mechanism=Mechanism.NODE_NOT_READY, strength=SAYS_SO),)
    mechanisms = (Mechanism.NODE_NOT_READY, Mechanism.NODE_DOWN)
    return tuple(Hypothesis(subject=node, mechanism=one, strength=SILENT) for one in mechanisms)
