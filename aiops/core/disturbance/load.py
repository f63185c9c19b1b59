"""What users do otherwise than usual."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from aiops.core.disturbance.scope import Occasional, Percent, Seconds


class LoadIncrease(Occasional):
    """Users ask so many times as often: for these operations (none: all), as this tenant (empty: all), after a rise."""

    kind: Literal["load.increase"] = "load.increase"
    factor: float = Field(gt=0, le=1_000)
    operations: tuple[str, ...] = ()
    tenant: str = ""
    rise_seconds: float = Field(0.0, ge=0, le=86_400)


class LoadInStep(Occasional):
    """Clients all come at once: in the first `seconds` of each `period_seconds` so many times as often, and less often
    for the rest, so that as many come in all."""

    kind: Literal["load.in_step"] = "load.in_step"
    factor: float = Field(gt=1, le=1_000)
    seconds: Seconds
    period_seconds: Seconds


class SlowClients(Occasional):
    """A share of the users sends and reads slowly, and so holds a connection of the gateway that much longer."""

    kind: Literal["load.slow_clients"] = "load.slow_clients"
    percent: Percent
    seconds: Seconds


LoadDisturbance = LoadIncrease | LoadInStep | SlowClients
