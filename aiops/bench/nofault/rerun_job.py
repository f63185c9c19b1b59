"""No fault: a Job that fails once, and is run again."""

from __future__ import annotations

from random import Random

from aiops.bench.nofault.registry import no_fault
from aiops.bench.stage import Access, Stage
from aiops.core.entity import Entity, Manifest

LATER = 150.0
"""Simulated seconds until somebody runs it again."""


@no_fault
async def rerun_job(stage: Stage, access: Access, rng: Random) -> None:
    """A Job fails over a mistyped argument; whoever started it deletes it, and the next one comes to its end."""
    name = f"{rng.choice(('import', 'export', 'reindex', 'cleanup'))}-{rng.randint(100, 999)}"
    first = await stage.engineer.create(_job(name, stage.namespace, "echo unknown option --form; exit 2"))

    async def again() -> None:
        await stage.engineer.delete(Entity.of(first))
        await stage.engineer.create(_job(f"{name}-2", stage.namespace, "echo starting; sleep 40; echo done"))

    stage.clock.plan(stage.clock.now() + LATER, again)


def _job(name: str, namespace: str, script: str) -> Manifest:
    container = {
        "name": "job",
        "image": "docker.io/library/busybox:1.36",
        "command": ["sh", "-c", script],
        "resources": {"requests": {"cpu": "20m", "memory": "16Mi"}, "limits": {"cpu": "100m", "memory": "64Mi"}},
    }
    pod = {"restartPolicy": "Never", "containers": [container]}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"backoffLimit": 0, "template": {"metadata": {"labels": {"job": name}}, "spec": pod}},
    }
