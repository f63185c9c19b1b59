"""Canary judgements of golden signals around a change: at the user-facing workloads, and everywhere else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from aiops.agents.scoping.scope import Scope
from aiops.agents.specialists.metrics import within
from aiops.agents.specialists.support.signal_rules import RULES
from aiops.analysis.anomaly.deviation import finite
from aiops.analysis.canary import judge
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

OTHERS_MAY_RISE = 0.02
"""Error ratio by which another service may get worse before the change is blamed."""


def entry_check(
    results: Sequence[GoldenSignals], scope: Scope, during: Window, recent: Window, looks: int
) -> Check | None:
    """Are the signals of the user-facing workloads back where they were before the trouble? None without data."""
    outcomes: list[tuple[Outcome, str]] = []
    for item in _entities(results, scope, entry=True):
        for name in JUDGED:
            signal = item.signal(name)
            if signal is not None:
                outcome = _back(name, signal.series.array(), scope, during, recent, looks)
                outcomes.append((outcome, f"{name} of {item.entity}"))
    if not outcomes:
        return None
    for outcome, words in ((Outcome.WORSE, "got worse"), (Outcome.UNCHANGED, "is not back at its baseline")):
        names = [name for found, name in outcomes if found == outcome]
        if names:
            return Check(name="users", outcome=outcome, summary=f"{names[0]} {words}.")
    return Check(name="users", outcome=Outcome.BETTER, summary="Users are served as before the trouble.")


def tolerance(name: SignalName, baseline: FloatArray) -> float:
    """By how much a signal may end off its baseline and still count as healed; `baseline` is finite."""
    level = float(np.median(baseline)) if len(baseline) else 0.0
    return max(FLOORS[name], DRIFT * abs(level))


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
    control, after = within(series, scope.baseline), within(series, recent)
    allowed = tolerance(name, finite(control))
    against_baseline = judge(control, after, tolerance=allowed, looks=looks)
    if against_baseline is None:
        return Outcome.UNCHANGED
    if against_baseline != Outcome.WORSE:
        return Outcome.BETTER
    against_fault = judge(within(series, during), after, tolerance=allowed, looks=looks)
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
        after = within(series, recent)
        befores = (within(series, scope.baseline), within(series, during))
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
