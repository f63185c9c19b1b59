"""Whose own the trouble of the target is: its excess, followed down the calls as far as callees account for it.

A callee that is slower by 20 ms in 100 calls explains 2 of the 10 s that its caller lost. So each entity hands the
blame that it gets on to its callees, as far as their excess (amount times calls) covers its own, and keeps the rest.
It is the traversal of anomalous callees (Liu et al., "MicroHECL", ICSE SEIP 2021) with amounts instead of a threshold
alone; amounts are compared within one metric only, whose unit they share.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from aiops.core.telemetry import FloatArray

KEPT = 0.05
"""Share of its blame that an entity keeps at least: measurements do not cover each other exactly."""

NOTABLE = 2.0
"""Deviations from which a callee can account for anything."""

DEPTH = 16
NEGLIGIBLE = 1e-3


def followed(
    target: int, calls: Sequence[tuple[int, int]], amount: FloatArray, z: FloatArray, count: int
) -> FloatArray:
    """The share of the target's trouble that begins at each of `count` entities: (count,), the sum is 1.

    `amount` (count,) is each entity's excess in one unit, `z` (count,) the same in deviations.
    """
    callees: dict[int, list[int]] = {}
    for caller, callee in sorted(set(calls)):
        if caller != callee and z[callee] >= NOTABLE and amount[callee] > 0:
            callees.setdefault(caller, []).append(callee)
    kept = np.zeros(count)
    _hand_down(target, 1.0, (), callees, amount, kept)
    return kept


def _hand_down(
    entity: int,
    blame: float,
    above: tuple[int, ...],
    callees: dict[int, list[int]],
    amount: FloatArray,
    kept: FloatArray,
) -> None:
    own = max(float(amount[entity]), 1e-12)
    path = (*above, entity)
    covered = {c: min(1.0, float(amount[c]) / own) for c in callees.get(entity, []) if c not in path}
    total = sum(covered.values())
    if not total or len(path) > DEPTH or blame < NEGLIGIBLE:
        kept[entity] += blame
        return
    keeps = max(KEPT, 1.0 - total)
    kept[entity] += blame * keeps
    for callee, share in covered.items():
        _hand_down(callee, blame * (1.0 - keeps) * share / total, path, callees, amount, kept)
