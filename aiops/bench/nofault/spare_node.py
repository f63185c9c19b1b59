"""No fault: a node takes no pods, and nobody needs it to."""

from __future__ import annotations

from random import Random

from aiops.bench.nofault.places import node_names
from aiops.bench.nofault.registry import no_fault
from aiops.bench.stage import Access, Stage
from aiops.core.entity import Entity


@no_fault
async def spare_node(stage: Stage, access: Access, rng: Random) -> None:
    """A node is cordoned for maintenance next week: what runs there goes on, and the others have room."""
    node = Entity(kind="Node", namespace="", name=rng.choice(await node_names(stage.engineer)))
    await stage.engineer.patch(node, {"spec": {"unschedulable": True}}, "merge")
