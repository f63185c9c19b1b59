"""No fault: the telemetry is away, the application is well."""

from __future__ import annotations

from random import Random

from aiops.bench.nofault.registry import no_fault
from aiops.bench.stage import Access, Stage


@no_fault
async def telemetry_lost(stage: Stage, access: Access, rng: Random) -> None:
    """Prometheus stops to answer, or Jaeger or Loki as well, or all three."""
    for wire in access.telemetry[: rng.randint(1, 3)]:
        wire.dark = True
