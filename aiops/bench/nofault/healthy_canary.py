"""No fault: a canary that is as good as what runs beside it."""

from __future__ import annotations

from random import Random

from aiops.bench.decoys.registry import some
from aiops.bench.nofault.registry import no_fault
from aiops.bench.stage import Access, Stage
from aiops.core.entity import Manifest


@no_fault
async def healthy_canary(stage: Stage, access: Access, rng: Random) -> None:
    """A second Deployment with one pod runs behind the same Service as the first, and answers as well."""
    stable = await some(stage.engineer, "Deployment", stage.namespace, rng, await _alone(stage))
    await stage.engineer.create(_canary(stable, rng))


async def _alone(stage: Stage) -> frozenset[str]:
    """Deployments of a single pod: often stores, of which a second one would be another store."""
    found = await stage.engineer.list("Deployment", stage.namespace)
    return frozenset(str(each["metadata"]["name"]) for each in found if each["spec"].get("replicas", 1) < 2)


def _canary(stable: Manifest, rng: Random) -> Manifest:
    """The same pods with a label more, so that the Service selects both and each Deployment its own."""
    spec, name = stable["spec"], f"{stable['metadata']['name']}-canary"
    labels = {**spec["selector"]["matchLabels"], "track": "canary"}
    template = {
        **spec["template"],
        "metadata": {
            "labels": {**spec["template"]["metadata"]["labels"], **labels},
            "annotations": {"build": f"{rng.randrange(16**8):08x}"},
        },
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": stable["metadata"]["namespace"], "labels": labels},
        "spec": {"replicas": 1, "selector": {"matchLabels": labels}, "template": template},
    }
