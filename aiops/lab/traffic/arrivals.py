"""How many users come, and what they want: open loop, with the day's shape, bursts, crowds and noise."""

from __future__ import annotations

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.ports import TICK
from aiops.lab.traffic.demand import Demand, rate_at

__all__ = ["arrivals", "generator", "rate_at"]


def generator(seed: int, moment: float, stream: int = 0) -> np.random.Generator:
    """The random numbers of one tick, the same whatever happened before. `stream` keeps users of it apart."""
    return np.random.Generator(np.random.Philox(key=[seed, (round(moment / TICK) << 4) + stream]))


def arrivals(
    demand: Demand, moment: float, dt: float, rng: np.random.Generator, surge: FloatArray | None = None
) -> FloatArray:
    """Requests of each tenant for each user operation, (tenants, operations), in the `dt` seconds before `moment`;
    `surge` times as many as usual."""
    rates = demand.rates(moment) if surge is None else demand.rates(moment) * surge
    return rng.poisson(rates * dt).astype(np.float64)
