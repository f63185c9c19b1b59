"""No fault: a rollout that went wrong and was undone before anybody felt it."""

from __future__ import annotations

from random import Random

from aiops.bench.decoys.registry import some
from aiops.bench.nofault.registry import no_fault
from aiops.bench.stage import Access, Stage
from aiops.core.entity import Entity

LASTS = 120.0
"""Simulated seconds until the deployment is taken back."""


@no_fault
async def undone_deploy(stage: Stage, access: Access, rng: Random) -> None:
    """A Deployment is rolled out with a tag that was not pushed; whoever did it sees that, and takes it back."""
    found = await some(stage.engineer, "Deployment", stage.namespace, rng, frozenset())
    deployment, container = Entity.of(found), found["spec"]["template"]["spec"]["containers"][0]
    image = str(container["image"])
    tag = f"{image.rpartition(':')[0]}:{rng.randint(2, 9)}.{rng.randint(0, 20)}.{rng.randint(0, 9)}"

    async def use(reference: str) -> None:
        containers = [{"name": container["name"], "image": reference}]
        await stage.engineer.patch(
            deployment, {"spec": {"template": {"spec": {"containers": containers}}}}, "strategic"
        )

    await use(tag)
    stage.clock.plan(stage.clock.now() + LASTS, lambda: use(image))
