"""How the load of an application moves: the day, bursts and flash crowds at moments drawn from the seed."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from math import cos, pi
from zlib import crc32

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.apps.demand import Bursts, Crowds
from aiops.lab.apps.model import Application
from aiops.lab.traffic.demand.moods import mood

DAY = 86400.0
_FIRST_WEEKEND = 2
"""The first of January 1970 was a Thursday: two days later the weekend began."""
_FADED = 8.0
"""Half-lives after which a crowd is gone."""


@lru_cache(maxsize=512)
def moments(seed: int, name: str, day: int, per_day: float) -> tuple[float, ...]:
    """The moments (unix seconds, in order) of one day at which something begins that comes `per_day` times, each day
    on its own: a Poisson process."""
    key = [seed, (day << 33) + crc32(name.encode())]
    rng = np.random.Generator(np.random.Philox(key=np.array(key, dtype=np.uint64)))
    return tuple(sorted((day * DAY + rng.random(int(rng.poisson(per_day))) * DAY).tolist()))


def burst_factor(bursts: Bursts, seed: int, name: str, moment: float) -> float:
    """By how much the load is higher at a moment because of bursts."""
    began = _began(seed, name, bursts.per_day, moment, bursts.seconds)
    return bursts.factor if began else 1.0


def crowd_factor(crowds: Crowds, seed: int, name: str, moment: float) -> float:
    """By how much the load is higher at a moment because of flash crowds; of several the largest counts."""
    length = crowds.rise_seconds + crowds.hold_seconds + _FADED * crowds.half_life_seconds
    found = 1.0
    for start in _began(seed, name, crowds.per_day, moment, length):
        age = moment - start
        late = age - crowds.rise_seconds - crowds.hold_seconds
        height = min(age / crowds.rise_seconds, 1.0) if late <= 0 else 0.5 ** (late / crowds.half_life_seconds)
        found = max(found, 1.0 + (crowds.factor - 1.0) * height)
    return found


def _began(seed: int, name: str, per_day: float, moment: float, length: float) -> list[float]:
    """What began at most `length` seconds before a moment."""
    if not per_day:
        return []
    days = range(int((moment - length) // DAY), int(moment // DAY) + 1)
    return [m for day in days for m in moments(seed, name, day, per_day) if m <= moment < m + length]


def rate_at(application: Application, moment: float) -> float:
    """User requests a second to be expected at `moment` without moods, bursts and crowds: the day's shape."""
    day = application.day
    shape = 1 + day.amplitude * cos(2 * pi * (moment / DAY - day.peak_hour / 24))
    if (int(moment // DAY) - _FIRST_WEEKEND) % 7 < 2:
        shape *= day.weekend
    return application.rate * shape


@dataclass(slots=True)
class Demand:
    """What users want of an application with a seed."""

    application: Application
    seed: int
    mixes: list[tuple[str, float, FloatArray, Bursts]] = field(init=False)

    def __post_init__(self) -> None:
        app = self.application
        usual = np.array([operation.share for operation in app.operations])
        self.mixes = [
            (
                tenant.name,
                tenant.share,
                np.array([tenant.operations.get(o.name, 0.0) for o in app.operations]) if tenant.operations else usual,
                tenant.bursts,
            )
            for tenant in app.tenants
        ] or [("", 1.0, usual, Bursts())]

    def rates(self, moment: float) -> FloatArray:
        """Requests a second of each tenant for each operation, (tenants, operations)."""
        app = self.application
        rate = rate_at(app, moment) * mood(self.seed, moment)
        rate *= burst_factor(app.bursts, self.seed, "bursts", moment)
        rate *= crowd_factor(app.crowds, self.seed, "crowds", moment)
        found: FloatArray = np.array(
            [
                rate * share * burst_factor(bursts, self.seed, f"tenant {name}", moment) * mix
                for name, share, mix, bursts in self.mixes
            ]
        )
        return found
