"""No fault: an alert about something that has mended itself when anybody looks."""

from __future__ import annotations

from random import Random

from aiops.bench.decoys.registry import some
from aiops.bench.nofault.registry import no_fault
from aiops.bench.stage import Access, Stage
from aiops.core.entity import Entity

LASTS = 120.0
"""Simulated seconds: long enough for the alert, over before the first look."""


@no_fault
async def passing_alert(stage: Stage, access: Access, rng: Random) -> None:
    """Somebody points a Service to a wrong port, notices it, and points it back: an alert fires and clears."""
    found = await some(stage.engineer, "Service", stage.namespace, rng, frozenset())
    service, ports = Entity.of(found), found["spec"]["ports"]
    wrong = [{**ports[0], "targetPort": rng.randint(9001, 9999)}, *ports[1:]]
    await stage.engineer.patch(service, {"spec": {"ports": wrong}}, "merge")

    async def mend() -> None:
        await stage.engineer.patch(service, {"spec": {"ports": ports}}, "merge")

    stage.clock.plan(stage.clock.now() + LASTS, mend)
