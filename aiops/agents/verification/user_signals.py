"""Canary judgements of golden signals around a change: at the user-facing workloads, and everywhere else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from aiops.agents.scoping.scope import Scope
from aiops.agents.specialists.support.signal_rules import RULES
from aiops.analysis.anomaly.comparison import judge, wander
from aiops.analysis.anomaly.deviation import finite
from aiops.core.action import Check, Outcome
from aiops.core.evidence import Window
from aiops.core.telemetry import FloatArray, Series
from aiops.tools.golden_signals import EntitySignals, GoldenSignals
from aiops.tools.kit.signal_sources import SignalName

JUDGED: tuple[SignalName, ...] = ("error_ratio", "p99")
"""Signals of which less is better."""

FLOORS = {rule.name: rule.floor for rule in RULES}

DRIFT = 0.25
"""Share of a signal's level by which it may end off its baseline and still count as healed."""

NOISE = 4.0
"""Robust standard deviations by which medians of a healthy time differ now and then."""

QUANTILES = ("p50", "p99")

SAME_BUCKET = 1.6
"""Share of a quantile's level by which it may differ within a bucket of its histogram: bounds lie up to a factor of 2.5
apart, and a little more or less load moves a quantile from one bucket to the next."""

LEFT_OF_TROUBLE = 0.05
"""Share of what the trouble added to a quantile that is next to nothing."""

UNDER_LOAD = 4.0
"""Share of a quantile's level that more load than before may add, where that is next to nothing of the trouble."""

OTHERS_MAY_RISE = 0.02
"""Error ratio by which another service may get worse before the change is blamed."""


def entry_check(
    results: Sequence[GoldenSignals],
    scope: Scope,
    during: Window,
    recent: Window,
    looks: int,
    names: Sequence[SignalName] = JUDGED,
) -> Check | None:
    """Are these signals of the user-facing workloads back where they were before the trouble? None without data."""
    outcomes: list[tuple[Outcome, str]] = []
    for item in _entities(results, scope, entry=True):
        for name in names:
            signal = item.signal(name)
            if signal is not None:
                outcome = _back(name, signal.series.array(), scope, during, recent, looks)
                outcomes.append((outcome, f"{name} of {item.entity}"))
    if not outcomes:
        return None
    for outcome, words in ((Outcome.WORSE, "got worse"), (Outcome.UNCHANGED, "is not back at its baseline")):
        of = [what for found, what in outcomes if found == outcome]
        if of:
            return Check(name="users", outcome=outcome, summary=f"{of[0]} {words}.")
    return Check(name="users", outcome=Outcome.BETTER, summary="Users are served as before the trouble.")


def tolerance(name: SignalName, baseline: FloatArray, samples: int) -> float:
    """By how much the median of so many samples may be off the baseline and still count as healed; `baseline` is
    finite."""
    level = float(np.median(baseline)) if len(baseline) else 0.0
    return max(FLOORS[name], DRIFT * abs(level), NOISE * wander(baseline, samples))


def may_be_left(name: SignalName, baseline: FloatArray, during: FloatArray) -> float:
    """How much of the trouble may be left in a quantile while users are well: next to nothing of what the trouble was,
    and no more than load can make of it. Both are finite."""
    if name not in QUANTILES or not len(baseline) or not len(during):
        return 0.0
    level = float(np.median(baseline))
    return min(UNDER_LOAD * level, LEFT_OF_TROUBLE * max(float(np.max(during)) - level, 0.0))


def resolution(name: SignalName, baseline: FloatArray) -> float:
    """By how much a signal may differ for no other reason than how it is measured; `baseline` is finite."""
    return SAME_BUCKET * float(np.median(baseline)) if name in QUANTILES and len(baseline) else 0.0


def at_entries(results: Sequence[GoldenSignals], scope: Scope) -> list[tuple[SignalName, Series]]:
    """The judged signals of the user-facing workloads."""
    found = []
    for item in _entities(results, scope, entry=True):
        for name in JUDGED:
            signal = item.signal(name)
            if signal is not None:
                found.append((name, signal.series.array()))
    return found


def _back(name: SignalName, series: Series, scope: Scope, during: Window, recent: Window, looks: int) -> Outcome:
    control, after = series.within(scope.baseline), series.within(recent)
    trouble = series.within(during)
    usual = tolerance(name, finite(control), len(finite(after)))
    allowed = max(usual, may_be_left(name, finite(control), finite(trouble)))
    against_baseline = judge(control, after, tolerance=allowed, looks=looks)
    if against_baseline is None:
        return Outcome.UNCHANGED
    if against_baseline != Outcome.WORSE:
        return Outcome.BETTER
    harm = max(usual, resolution(name, finite(control)))
    against_fault = judge(trouble, after, tolerance=harm, looks=looks)
    return Outcome.WORSE if against_fault == Outcome.WORSE else Outcome.UNCHANGED


def others_check(
    results: Sequence[GoldenSignals], scope: Scope, during: Window, recent: Window, looks: int
) -> Check | None:
    """Did any other service get worse than it was before the trouble and during it? None without data."""
    judged = False
    for item in _entities(results, scope, entry=False):
        signal = item.signal("error_ratio")
        if signal is None:
            continue
        judged = True
        series = signal.series.array()
        after = series.within(recent)
        befores = (series.within(scope.baseline), series.within(during))
        outcomes = [judge(before, after, tolerance=OTHERS_MAY_RISE, looks=looks) for before in befores]
        if outcomes == [Outcome.WORSE, Outcome.WORSE]:
            summary = f"The error ratio of {item.entity} is worse than before the change."
            return Check(name="others", outcome=Outcome.WORSE, summary=summary)
    if not judged:
        return None
    return Check(name="others", outcome=Outcome.BETTER, summary="No other service got worse.")


def _entities(results: Sequence[GoldenSignals], scope: Scope, *, entry: bool) -> Iterator[EntitySignals]:
    for result in results:
        for item in result.entities:
            mine = any(c in scope.call_map.entries for c in scope.call_map.components(item.entity))
            if mine == entry:
                yield item
