"""Fault: a machine is off."""

from __future__ import annotations

from typing import Annotated

from aiops.core.disturbance.machine import PowerOff
from aiops.core.disturbance.scope import Nodes
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.machines import afflicted_by
from aiops.faults.kit.places import nodes_with_claims
from aiops.faults.parameters import choose
from aiops.faults.registry import fault
from aiops.faults.truth import GroundTruth


@fault(
    Mechanism.NODE_DOWN,
    entities=("Node",),
    felt="requests",
    present=afflicted_by("node.power_off"),
    other_fix=None,
    cure="escalate",
    tags=frozenset({"node"}),
)
async def powered_off(
    target: Target,
    node: Annotated[Entity, choose("a node whose pods cannot go elsewhere", nodes_with_claims, Entity.parse)],
) -> GroundTruth:
    """A machine loses power: nothing on it runs or answers any more."""
    await target.disturb(PowerOff(nodes=Nodes(names=(node.name,))))
    return GroundTruth(subject=node, mechanism=Mechanism.NODE_DOWN)
