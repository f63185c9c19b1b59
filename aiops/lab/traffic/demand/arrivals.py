"""How many users come, and what they want: open loop, with the day's shape, bursts, crowds and noise."""

from __future__ import annotations

from typing import Any

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.ports import TICK
from aiops.lab.traffic.demand.demand import Demand, rate_at

__all__ = ["Streams", "arrivals", "generator", "rate_at"]


def generator(seed: int, moment: float, stream: int = 0) -> np.random.Generator:
    """The random numbers of one tick, the same whatever happened before. `stream` keeps users of it apart."""
    return np.random.Generator(np.random.Philox(key=[seed, (round(moment / TICK) << 4) + stream]))


class Streams:
    """The generators of one seed, made once: setting one to a moment is ten times cheaper than making it."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._made: dict[int, tuple[np.random.Generator, dict[str, Any]]] = {}

    def at(self, moment: float, stream: int = 0) -> np.random.Generator:
        """As `generator`; valid until the stream is set to another moment."""
        known = self._made.get(stream)
        if known is None:
            made = generator(self._seed, moment, stream)
            self._made[stream] = (made, dict(made.bit_generator.state))
            return made
        made, unused = known
        unused["state"]["key"][1] = (round(moment / TICK) << 4) + stream
        made.bit_generator.state = unused
        return made


def arrivals(
    demand: Demand, moment: float, dt: float, rng: np.random.Generator, surge: FloatArray | None = None
) -> FloatArray:
    """Requests of each tenant for each user operation, (tenants, operations), in the `dt` seconds before `moment`;
    `surge` times as many as usual."""
    rates = demand.rates(moment) if surge is None else demand.rates(moment) * surge
    return rng.poisson(rates * dt).astype(np.float64)
