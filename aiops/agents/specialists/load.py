"""Load: do users send more than before, and which workload cannot carry it?"""

from __future__ import annotations

from collections.abc import Sequence

from aiops.agents.registry import Observation, specialist
from aiops.agents.scoping.scope import Scope
from aiops.agents.specialists.support.signal_rules import RULES, THROTTLED
from aiops.agents.toolbox import Toolbox, query
from aiops.analysis.anomaly.onset import find_onset
from aiops.core.entity import WORKLOAD_KINDS, Entity
from aiops.core.evidence import Hypothesis, Source
from aiops.core.mechanism import Mechanism
from aiops.tools.golden_signals import EntitySignals, Signal, golden_signals
from aiops.tools.kit.signal_sources import SignalName

MORE = 1.3
"""Factor by which users' requests, and those of the workload, have to rise."""

CPU_FULL = 0.9
"""Share of the CPU limit at which a workload is saturated."""

STRENGTH = 0.7
"""More than a limit by itself (`metrics`): that sufficed for the requests of before."""

NOT_FULLEST = 0.55
"""The same for a workload that is full, while another one is fuller."""

SLACK = 60.0
"""Seconds by which the load may seem to follow the saturation: a rate's window."""

LIMITS: tuple[tuple[SignalName, float], ...] = (("throttled", THROTTLED), ("cpu_of_limit", CPU_FULL))
"""Signals by which a workload is at its CPU limit, and from what value on."""

READ: tuple[SignalName, ...] = ("rate", *(name for name, _ in LIMITS))

FLOORS = {rule.name: rule.floor for rule in RULES}


@specialist(name="load", source=Source.METRICS, tools=("golden_signals",))
async def load(scope: Scope, tools: Toolbox) -> list[Observation]:
    """Finds workloads that reached their CPU limit after users began to send more. Retries of callers that began with
    the trouble are no load: the requests of users themselves have to rise."""
    entities: list[EntitySignals] = []
    for namespace in scope.each_namespace():
        result = await tools.read(golden_signals, scope.window, scope.baseline, namespace, signal=READ)
        entities += result.entities if result else ()
    return overloaded(entities, scope)


def overloaded(entities: Sequence[EntitySignals], scope: Scope) -> list[Observation]:
    """The saturated workloads, where users send more than before, since before they were saturated."""
    rates = [(item.entity, signal) for item in entities if (signal := item.signal("rate")) and _rise(signal) >= MORE]
    users = [signal for entity, signal in rates if _is_entry(entity, scope)]
    began = min((at for signal in users if (at := _onset(signal, scope)) is not None), default=None)
    if began is None:
        return []
    busier = {workload for entity, _ in rates for workload in scope.call_map.components(entity)}
    factor = max(map(_rise, users))
    full = [
        (item.entity, signal)
        for item in entities
        if item.entity.kind in WORKLOAD_KINDS and item.entity in busier
        if (signal := _saturated(item)) is not None
        if began <= (_onset(signal, scope) or began) + SLACK
    ]
    if not full:
        return []
    first, _ = max(full, key=lambda pair: (_fullness(pair[1]), str(pair[0])))
    return [_observation(workload, signal, first, factor, began, scope) for workload, signal in full]


def _fullness(signal: Signal) -> float:
    """How far beyond its limit a workload would go: the share of its time that it is held back."""
    return (signal.value or 0.0) if signal.name == "throttled" else 0.0


def _rise(signal: Signal) -> float:
    return signal.value / signal.baseline if signal.value and signal.baseline else 0.0


def _onset(signal: Signal, scope: Scope) -> float | None:
    series = signal.series.array()
    found = find_onset(series.times, series.values, scope.baseline.end, FLOORS[signal.name])
    return found.at if found and found.shift > 0 else None


def _is_entry(entity: Entity, scope: Scope) -> bool:
    return any(component in scope.call_map.entries for component in scope.call_map.components(entity))


def _saturated(item: EntitySignals) -> Signal | None:
    """The signal by which a workload is at its CPU limit now, and was not before."""
    for name, limit in LIMITS:
        signal = item.signal(name)
        if signal is not None and (signal.value or 0.0) >= limit > (signal.baseline or 0.0):
            return signal
    return None


def _observation(
    workload: Entity, signal: Signal, first: Entity, factor: float, began: float, scope: Scope
) -> Observation:
    """What is full, with the fullest to blame first: the others would serve more if it let more through or answered."""
    blamed = [Hypothesis(subject=first, mechanism=Mechanism.LOAD_INCREASE, strength=STRENGTH)]
    if workload != first:
        blamed.append(Hypothesis(subject=workload, mechanism=Mechanism.LOAD_INCREASE, strength=NOT_FULLEST))
    return Observation(
        subject=workload,
        query=query(golden_signals, window=scope.window, baseline=scope.baseline, entity=workload, signal=signal.name),
        window=scope.window,
        summary=f"{workload} is at its CPU limit since users send {factor:.1f} times as many requests as before.",
        observed=f"{signal.name} {signal.value or 0:.0%}",
        baseline=f"{signal.baseline or 0:.0%}",
        score=0.5,
        onset=began,
        suggests=tuple(blamed),
    )
