"""No fault: a harmless deployment at the wrong time."""

from __future__ import annotations

from random import Random

from aiops.bench.decoys.registry import some
from aiops.bench.nofault.registry import no_fault
from aiops.bench.stage import Access, Stage
from aiops.core.entity import Entity


@no_fault
async def harmless_deploy(stage: Stage, access: Access, rng: Random) -> None:
    """Two Deployments are rolled out again with a new annotation, and a third gets a replica more."""
    kube, chosen = stage.engineer, frozenset[str]()
    for _ in range(2):
        found = await some(kube, "Deployment", stage.namespace, rng, chosen)
        chosen |= {str(found["metadata"]["name"])}
        annotations = {"build": f"{rng.randrange(16**8):08x}"}
        await kube.patch(
            Entity.of(found), {"spec": {"template": {"metadata": {"annotations": annotations}}}}, "strategic"
        )
    found = await some(kube, "Deployment", stage.namespace, rng, chosen)
    await kube.patch(Entity.of(found), {"spec": {"replicas": found["spec"].get("replicas", 1) + 1}}, "merge")
