"""How many users come, and what they want: open loop, with the day's shape and noise."""

from __future__ import annotations

from math import cos, pi

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.apps.model import Application
from aiops.lab.ports import TICK

_DAY = 86400.0
_SLOW_PERIODS = (613.0, 1487.0, 3571.0)
_SLOW_AMPLITUDE = 0.025


def rate_at(application: Application, moment: float) -> float:
    """User requests a second to be expected at `moment`: the day's shape with slow waves on it."""
    hours_from_peak = 2 * pi * (moment / _DAY - application.day.peak_hour / 24)
    shape = 1 + application.day.amplitude * cos(hours_from_peak)
    waves = sum(cos(2 * pi * moment / period) for period in _SLOW_PERIODS)
    return application.rate * shape * (1 + _SLOW_AMPLITUDE * waves)


def generator(seed: int, moment: float, stream: int = 0) -> np.random.Generator:
    """The random numbers of one tick, the same whatever happened before. `stream` keeps users of it apart."""
    return np.random.Generator(np.random.Philox(key=[seed, (round(moment / TICK) << 4) + stream]))


def arrivals(application: Application, moment: float, dt: float, rng: np.random.Generator) -> FloatArray:
    """Requests of each user operation, shape (operations,), in the `dt` seconds before `moment`."""
    shares = np.array([operation.share for operation in application.operations])
    return rng.poisson(rate_at(application, moment) * dt * shares).astype(np.float64)
