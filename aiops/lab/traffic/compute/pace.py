"""How fast processes are for a while, and how clumsy: what nobody caused, and what no two minutes have alike.

Processes differ from one moment to the next (schedulers, caches of processors), drift over minutes, share the ups and
downs of their machine (its neighbours, its background jobs) and of the replicas beside them (what is asked of all of
them: larger answers, rarer keys), and stand still now and then. Rare errors come in clumps: a connection that broke, an
entry that was bad. `docs/realism.md` compares what comes of it with recordings.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.traffic.callgraph.carrying import carried, rows_of
from aiops.lab.traffic.callgraph.graph import IntArray

SPAN = 3
"""Steps for which a pace is kept: as long as a solution of the traffic holds, so that none is made for its sake."""

_SECONDS = 5.0 * SPAN
_QUICK, _DRIFT, _MACHINE, _KIN = 0.08, 0.08, 0.06, 0.14
"""Standard deviations of the logarithm: from one span to the next, over minutes, of the machine, of all replicas."""

_QUICK_MEMORY = 0.5
_DRIFT_MEMORY, _MACHINE_MEMORY = float(np.exp(-_SECONDS / 600)), float(np.exp(-_SECONDS / 1200))
_KIN_MEMORY = float(np.exp(-_SECONDS / 120))
_HITCH, _MACHINE_HITCH, _KIN_HITCH = _SECONDS / 2400, _SECONDS / 3600, _SECONDS / 5400
"""Chances of a hitch in a span: of a process every 40 minutes, of a machine every hour, of all replicas every 90."""

_TAIL, _LONGEST = 1.3, 8.0
"""A hitch makes work longer by a Pareto-distributed share with this index, at most so many times."""

_FADING = 0.5
"""What is left of a hitch a span later."""

_MACHINE_SHARE = 0.3
_KIN_SHARE = 0.3
"""What a process feels of a hitch of its machine, and of all that are like it."""

_CLUMP = 0.03
"""Chance that the rare errors of a process fall into this span; they are as many more then."""


class Pace:
    """`slowness` (processes,) is by how many times longer work takes; `errors` (processes,) by how many times more
    often than on average what fails rarely fails."""

    def __init__(self) -> None:
        self.slowness: FloatArray = np.ones(0)
        self.errors: FloatArray = np.ones(0)
        self._quick: FloatArray = np.zeros(0)
        self._drift: FloatArray = np.zeros(0)
        self._machines: FloatArray = np.zeros(0)
        self._hitch: FloatArray = np.zeros(0)
        self._names: tuple[Hashable, ...] = ()
        self._kin: IntArray = np.zeros(0, dtype=np.int64)
        self._common: FloatArray = np.zeros(0)
        self._steps = 0

    def adopt(self, taken: IntArray, machines: int, kin: Sequence[Hashable]) -> None:
        """Take over a new set of processes: `taken` (processes,) are their rows so far, -1 for new ones; those with
        equal `kin` (processes,) are replicas of one another."""
        known, self._names = rows_of(self._names), tuple(dict.fromkeys(kin))
        self._common = carried(known, self._names, self._common, 0.0)
        rows = rows_of(self._names)
        self._kin = np.array([rows[name] for name in kin], dtype=np.int64)
        self._quick, self._drift, self._hitch = (
            np.append(values, 0.0)[taken] for values in (self._quick, self._drift, self._hitch)
        )
        self.slowness, self.errors = np.append(self.slowness, 1.0)[taken], np.append(self.errors, 1.0)[taken]
        if len(self._machines) != machines:
            self._machines = np.zeros(machines)

    def step(self, node: IntArray, rng: np.random.Generator) -> None:
        """A step has passed; `node` (processes,) says on which machine each process runs."""
        self._steps += 1
        if self._steps % SPAN:
            return
        count, machines = len(node), len(self._machines)
        quick, drift = rng.standard_normal((2, count))
        self._quick = _QUICK_MEMORY * self._quick + _fresh(_QUICK, _QUICK_MEMORY) * quick
        self._drift = _DRIFT_MEMORY * self._drift + _fresh(_DRIFT, _DRIFT_MEMORY) * drift
        fresh = _fresh(_MACHINE, _MACHINE_MEMORY) * rng.standard_normal(machines)
        self._machines = _MACHINE_MEMORY * self._machines + fresh
        fresh = _fresh(_KIN, _KIN_MEMORY) * rng.standard_normal(len(self._names))
        self._common = _KIN_MEMORY * self._common + fresh
        self._hitch = _FADING * self._hitch + _hitches(count, _HITCH, rng)
        self._hitch += _MACHINE_SHARE * _hitches(machines, _MACHINE_HITCH, rng)[node]
        self._hitch += _KIN_SHARE * _hitches(len(self._names), _KIN_HITCH, rng)[self._kin]
        exponent = self._quick + self._drift + self._machines[node] + self._common[self._kin]
        self.slowness = np.exp(exponent) * (1.0 + self._hitch)
        self.errors = (rng.random(count) < _CLUMP) / _CLUMP


def _hitches(count: int, chance: float, rng: np.random.Generator) -> FloatArray:
    """By which shares work takes longer for each of `count`: 0 for most."""
    struck = rng.random(count) < chance
    return np.where(struck, np.minimum(rng.pareto(_TAIL, count), _LONGEST), 0.0)


def _fresh(deviation: float, memory: float) -> float:
    """The standard deviation of what comes new, of a process of the first order."""
    return float(deviation * np.sqrt(1.0 - memory * memory))
