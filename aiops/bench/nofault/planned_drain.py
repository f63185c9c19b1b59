"""No fault: a node is emptied for maintenance, and comes back."""

from __future__ import annotations

from random import Random

from aiops.bench.nofault.places import leaving, node_names
from aiops.bench.nofault.registry import no_fault
from aiops.bench.stage import Access, Stage
from aiops.core.entity import Entity
from aiops.core.errors import AiopsError

LASTS = 600.0
"""Simulated seconds for which the node takes no pods."""


@no_fault
async def planned_drain(stage: Stage, access: Access, rng: Random) -> None:
    """A node is cordoned and its pods are evicted, as budgets allow it; ten minutes later it takes pods again."""
    node = Entity(kind="Node", namespace="", name=rng.choice(await node_names(stage.engineer)))
    await stage.engineer.patch(node, {"spec": {"unschedulable": True}}, "merge")
    for pod in await leaving(stage.engineer, node.name):
        try:
            await stage.engineer.evict(pod)
        except AiopsError:
            continue  # a budget keeps it: it stays where it is

    async def uncordon() -> None:
        await stage.engineer.patch(node, {"spec": {"unschedulable": None}}, "merge")

    stage.clock.plan(stage.clock.now() + LASTS, uncordon)
