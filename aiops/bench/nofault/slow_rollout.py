"""No fault: a rollout that takes its time."""

from __future__ import annotations

from random import Random

from aiops.bench.decoys.registry import some
from aiops.bench.nofault.registry import no_fault
from aiops.bench.stage import Access, Stage
from aiops.core.entity import Entity


@no_fault
async def slow_rollout(stage: Stage, access: Access, rng: Random) -> None:
    """A Deployment is rolled out pod by pod, each of which has to be ready for a minute or more before the next."""
    found = await some(stage.engineer, "Deployment", stage.namespace, rng, frozenset())
    seconds = rng.randint(60, 90)
    spec = {
        "minReadySeconds": seconds,
        "progressDeadlineSeconds": 600,
        "template": {"metadata": {"annotations": {"build": f"{rng.randrange(16**8):08x}"}}},
    }
    await stage.engineer.patch(Entity.of(found), {"spec": spec}, "strategic")
