"""Traces: where requests spend more time than before, and where their errors begin."""

from __future__ import annotations

from aiops.agents.registry import Observation, specialist
from aiops.agents.scoping.scope import Scope
from aiops.agents.toolbox import Toolbox, query
from aiops.core.entity import Edge, Entity, Subject
from aiops.core.evidence import Hypothesis, Query, Source
from aiops.core.mechanism import Mechanism
from aiops.tools.trace_breakdown import (
    ErrorOrigin,
    GapStats,
    OperationStats,
    TraceBreakdown,
    TroubleShare,
    trace_breakdown,
)

MIN_SPANS = 5
"""Spans of an operation with which its quantiles say something."""

SLOWER = 2.0
SELF_SECONDS = 0.01
GAP_SECONDS = 0.01
"""Factor and seconds by which a time has to grow to count."""

MIN_ERRORS = 3

LOST_ON_THE_WAY = 0.35
"""Time that neither end spent speaks for the network, or for a queue before the callee."""

WORTH_SHARE = 0.2
"""Share of the trouble from which a place is told."""

BY_ITSELF = 0.2
"""A program that errs or slows down by itself may be a worse one; alone this is not enough to act on."""


@specialist(name="traces", source=Source.TRACES, tools=("trace_breakdown",))
async def traces(scope: Scope, tools: Toolbox) -> list[Observation]:
    """Compares self times and time between caller and callee with the baseline, and finds the origins of errors."""
    result = await tools.read(trace_breakdown, scope.window, scope.baseline)
    return observations(result, scope) if result and result.traces else []


def observations(result: TraceBreakdown, scope: Scope) -> list[Observation]:
    """What sampled traces (at least one) tell of operations, of calls, and of where errors begin."""
    asked = query(trace_breakdown, window=scope.window, baseline=scope.baseline)
    found = [_self_time(item, scope, asked) for item in result.operations]
    found += [_gap(item, scope, asked) for item in result.gaps]
    found += [_origin(item, result, scope, asked) for item in result.origins]
    found += [_share(item, scope, asked) for item in result.shares]
    return [observation for observation in found if observation is not None]


def named(name: str, scope: Scope) -> Entity | None:
    """The Service or workload that a service name or address of a span means, in the scope's namespaces."""
    parts = name.split(":")[0].split(".")
    namespaces = [parts[1]] if len(parts) > 1 else list(scope.namespaces)
    for entity in (*scope.call_map.workloads, *map(Entity.parse, sorted(scope.call_map.belongs))):
        if entity.name == parts[0] and (not namespaces or entity.namespace in namespaces):
            return entity
    return None


def _grew(now: float | None, before: float | None, least: float) -> float:
    """How much a time grew, as a score in 0..1; 0 where it did not by enough, or cannot be told."""
    if now is None or before is None or now - before < least or now < SLOWER * before:
        return 0.0
    return 1 - before / now


def _self_time(item: OperationStats, scope: Scope, asked: Query) -> Observation | None:
    place = named(item.service, scope)
    if (
        place is None
        or item.now is None
        or item.baseline is None
        or min(item.now.count, item.baseline.count) < MIN_SPANS
    ):
        return None
    score = 0.9 * _grew(item.now.self_p50, item.baseline.self_p50, SELF_SECONDS)
    if not score:
        return None
    return _observation(
        place,
        f"{place} itself takes longer in one of its operations.",
        f"{item.operation}: {item.now.self_p50:.3g} s of self time at the median",
        f"{item.baseline.self_p50:.3g} s",
        score,
        scope,
        asked,
        (Hypothesis(subject=place, mechanism=Mechanism.APP_VERSION, strength=BY_ITSELF),),
    )


def _gap(item: GapStats, scope: Scope, asked: Query) -> Observation | None:
    caller, callee = named(item.caller, scope), named(item.callee, scope)
    score = 0.8 * _grew(item.now, item.baseline, GAP_SECONDS)
    if caller is None or callee is None or not score:
        return None
    edge = Edge(source=caller, target=callee)
    latency = Hypothesis(subject=edge, mechanism=Mechanism.NETWORK_LATENCY, strength=LOST_ON_THE_WAY)
    return _observation(
        edge,
        f"Calls from {caller} to {callee} lose time on the way.",
        f"{item.now or 0:.3g} s between caller and callee at the median",
        f"{item.baseline or 0:.3g} s",
        score,
        scope,
        asked,
        (latency,),
    )


def _origin(item: ErrorOrigin, result: TraceBreakdown, scope: Scope, asked: Query) -> Observation | None:
    expected = item.baseline * result.traces / result.baseline_traces if result.baseline_traces else 0.0
    source = named(item.service, scope)
    if source is None or item.now < MIN_ERRORS or item.now < SLOWER * expected:
        return None
    target = named(item.address, scope) if item.address else None
    subject: Subject = Edge(source=source, target=target) if target else source
    return _observation(
        subject,
        f"Errors begin {'on the way from' if target else 'in'} {source}{f' to {target}' if target else ''}.",
        f"{item.now} error(s) in {result.traces} sampled traces",
        f"{item.baseline} in {result.baseline_traces}",
        min(1.0, 0.4 + 2 * item.now / result.traces),
        scope,
        asked,
        () if item.address else (Hypothesis(subject=source, mechanism=Mechanism.APP_VERSION, strength=BY_ITSELF),),
    )


def _share(item: TroubleShare, scope: Scope, asked: Query) -> Observation | None:
    """Which part of all that traces show begins at a service."""
    place = named(item.service, scope)
    if place is None or item.total < WORTH_SHARE:
        return None
    made = _observation(
        place,
        f"Of the trouble that traces show, {item.total:.0%} begins at {place}.",
        f"own time {item.slow:.0%}, calls from and to it {item.network:.0%}, errors {item.failing:.0%}",
        "",
        min(item.total, 1.0),
        scope,
        asked,
    )
    return made.model_copy(update={"begins": min(item.total, 1.0)})


def _observation(
    subject: Subject,
    summary: str,
    observed: str,
    baseline: str,
    score: float,
    scope: Scope,
    asked: Query,
    suggests: tuple[Hypothesis, ...] = (),
) -> Observation:
    return Observation(
        subject=subject,
        query=asked,
        window=scope.window,
        summary=summary,
        observed=observed,
        baseline=baseline,
        score=score,
        suggests=suggests,
    )
