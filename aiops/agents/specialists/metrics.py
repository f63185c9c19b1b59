"""Metrics: which golden signals departed from their baseline, and since when."""

from __future__ import annotations

import numpy as np

from aiops.agents.registry import Observation, specialist
from aiops.agents.scoping.scope import Scope
from aiops.agents.specialists.support.signal_rules import MEMORY_FULL, NEWEST, PASSED, RULES, THROTTLED, SignalRule
from aiops.agents.toolbox import Toolbox, query
from aiops.analysis.anomaly.deviation import Deviation, deviation
from aiops.analysis.anomaly.onset import find_onset
from aiops.core.entity import Entity
from aiops.core.evidence import Hypothesis, Query, Source, Window
from aiops.core.mechanism import Mechanism
from aiops.core.telemetry import Series
from aiops.tools.golden_signals import EntitySignals, golden_signals

LOST = 0.6
"""Share of its usual traffic below which an entry has lost users; nights and weekends come more slowly."""

AT_ITS_LIMIT = 0.4
"""A process is held back at its limit by whatever makes it work more: the limit is to blame where nothing else is."""

STILL_ASKED = 0.7
"""Share of its usual requests with which what a Service measures tells how it is: calls that never arrive are in no
figure of its own."""

ENTRY_LOST = 0.9
"""Weight of that loss."""


@specialist(name="metrics", source=Source.METRICS, tools=("golden_signals",))
async def metrics(scope: Scope, tools: Toolbox) -> list[Observation]:
    """Compares traffic, errors, latency and resource use of every service and workload with their baseline."""
    found: list[Observation] = []
    for namespace in scope.each_namespace():
        result = await tools.read(golden_signals, scope.window, scope.baseline, namespace)
        for item in result.entities if result else ():
            found += _of_entity(item, scope)
            if _answers(item):
                tools.answering.append(item.entity)
    return found


def _answers(item: EntitySignals) -> bool:
    """Does a Service measure its answers, and get most of the requests that it used to?"""
    rate = item.signal("rate")
    if item.entity.kind != "Service" or rate is None or rate.value is None or not rate.baseline:
        return False
    return rate.value >= STILL_ASKED * rate.baseline


def _asked(entity: Entity, signal: str, scope: Scope) -> Query:
    return query(golden_signals, window=scope.window, baseline=scope.baseline, entity=entity, signal=signal)


def _of_entity(item: EntitySignals, scope: Scope) -> list[Observation]:
    found = []
    for rule in RULES:
        signal = item.signal(rule.name)
        if signal is not None:
            observation = observe(item.entity, rule, signal.series.array(), scope)
            if observation is not None:
                found.append(observation)
    restarts = _restarts(item, scope)
    return [*found, restarts] if restarts else found


def observe(entity: Entity, rule: SignalRule, series: Series, scope: Scope) -> Observation | None:
    """The departure of one signal, or None where it is as usual or cannot be told."""
    found = deviation(series.within(scope.baseline), series.within(scope.window), rule.floor)
    if found is None:
        return None
    still = 1.0 if _goes_on(series, rule, scope) else PASSED
    score = still * found.score * (rule.up if found.z > 0 else _weight_of_drop(entity, rule, found, scope))
    if score <= 0:
        return None
    onset = find_onset(series.times, series.values, scope.baseline.end, rule.floor)
    return Observation(
        subject=entity,
        query=_asked(entity, rule.name, scope),
        window=scope.window,
        summary=f"{rule.name} of {entity} {'rose' if found.z > 0 else 'fell'} from its baseline.",
        observed=f"{_amount(found.observed, rule)} {rule.unit}",
        baseline=_amount(found.baseline, rule),
        score=score,
        onset=onset.at if onset else None,
        suggests=_suggests(entity, rule, found, scope),
    )


def _goes_on(series: Series, rule: SignalRule, scope: Scope) -> bool:
    """Does the newest part of the window still depart from the baseline? Without samples there: as far as known."""
    newest = Window(start=scope.window.end - NEWEST, end=scope.window.end)
    found = deviation(series.within(scope.baseline), series.within(newest), rule.floor)
    return found is None or found.score > 0


def _weight_of_drop(entity: Entity, rule: SignalRule, found: Deviation, scope: Scope) -> float:
    """Users who no longer get through leave no error behind: at the entry their absence is what can be seen."""
    lost = rule.name == "rate" and _is_entry(entity, scope) and found.observed < LOST * found.baseline
    return ENTRY_LOST if lost else rule.down


def _amount(value: float, rule: SignalRule) -> str:
    """A share as a percentage, anything else as the number that it is."""
    return f"{value:.3g}" if not rule.unit.startswith("of ") else f"{value:.1%}"


def _suggests(entity: Entity, rule: SignalRule, found: Deviation, scope: Scope) -> tuple[Hypothesis, ...]:
    mechanism, strength = None, 0.0
    if rule.name == "throttled" and found.observed >= THROTTLED:
        mechanism, strength = Mechanism.RESOURCE_CPU_LIMIT, AT_ITS_LIMIT
    elif rule.name == "memory_of_limit" and found.z > 0 and found.observed >= MEMORY_FULL:
        mechanism, strength = Mechanism.RESOURCE_MEMORY_LIMIT, 0.3
    elif rule.name == "rate" and found.observed > 1.5 * found.baseline and _is_entry(entity, scope):
        mechanism, strength = Mechanism.LOAD_INCREASE, 0.3
    if mechanism is None:
        return ()
    return (Hypothesis(subject=entity, mechanism=mechanism, strength=strength),)


def _is_entry(entity: Entity, scope: Scope) -> bool:
    return any(component in scope.call_map.entries for component in scope.call_map.components(entity))


def _restarts(item: EntitySignals, scope: Scope) -> Observation | None:
    """Containers that restart: a counter, of which only the rises count."""
    signal = item.signal("restarts")
    if signal is None or not signal.value or signal.value < 1 or signal.value <= (signal.baseline or 0):
        return None
    series = signal.series.array()
    rises = series.times[1:][(np.diff(series.values) > 0) & (series.times[1:] >= scope.window.start)]
    return Observation(
        subject=item.entity,
        query=_asked(item.entity, "restarts", scope),
        window=scope.window,
        summary=f"Containers of {item.entity} restarted.",
        observed=f"{signal.value:.0f} restart(s)",
        baseline=f"{signal.baseline or 0:.0f} restart(s)",
        score=0.7,
        onset=float(rises[0]) if len(rises) else None,
    )
