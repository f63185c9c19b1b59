"""Calls that take longer than before, and whether the callee or the way to it is slow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aiops.agents.registry import Observation
from aiops.agents.scoping.scope import Scope
from aiops.agents.specialists.support.signal_rules import THROTTLED
from aiops.agents.toolbox import query
from aiops.core.entity import Edge, Entity
from aiops.core.evidence import Hypothesis, Query
from aiops.core.mechanism import Mechanism
from aiops.tools.dependencies import Dependency, dependencies
from aiops.tools.golden_signals import EntitySignals
from aiops.tools.kit.signal_sources import SignalName

MEASURED: SignalName = "p50"
"""By which a callee's own measure of how it answers is compared."""

SLOWER = 2.0
"""Factor by which calls have to be slower than before to count."""

SLOW_SECONDS = 0.02

BY_ITS_OWN_CLOCK = 0.5
"""Share of the calls' delay that the callee may itself have become slower by, and the way still be blamed."""

ON_THE_WAY = 0.45
"""The callee answers as fast as before, and its callers wait longer: a full connection pool looks the same."""


def edge_query(edge: Dependency, scope: Scope) -> Query:
    """The reading that gives the figures of this edge alone."""
    return query(dependencies, window=scope.window, baseline=scope.baseline, source=edge.source, address=edge.address)


def is_slower(edge: Dependency) -> bool:
    """Do the calls of an edge take longer than before, by enough to matter?"""
    before = edge.baseline.seconds if edge.baseline else None
    now = edge.now.seconds if edge.now else None
    return before is not None and now is not None and now >= max(SLOWER * before, before + SLOW_SECONDS)


def slowness(
    edges: Sequence[Dependency],
    signals: Mapping[Entity, EntitySignals],
    scope: Scope,
) -> list[Observation]:
    """One observation for each slower edge; `signals` are those of Services and workloads, as far as they are known."""
    found = []
    for edge in edges:
        before = edge.baseline.seconds if edge.baseline else None
        now = edge.now.seconds if edge.now else None
        if before is None or now is None or not is_slower(edge):
            continue
        own = _own_delay(edge, signals)
        fast = own is not None and own < BY_ITS_OWN_CLOCK * (now - before) and not _held_back(edge.target, signals)
        subject = Edge(source=edge.source, target=edge.target)
        suggested = Hypothesis(subject=subject, mechanism=Mechanism.NETWORK_LATENCY, strength=ON_THE_WAY)
        also = ", while that answers as fast as before" if fast else ""
        found.append(
            Observation(
                subject=subject,
                query=edge_query(edge, scope),
                window=scope.window,
                summary=f"Calls from {edge.source} to {edge.target} take longer than before{also}.",
                observed=f"{now:.3g} s a call",
                baseline=f"{before:.3g} s a call",
                score=0.9 * (1 - before / now),
                suggests=(suggested,) if fast else (),
            )
        )
    return found


def _held_back(target: Entity, signals: Mapping[Entity, EntitySignals]) -> bool:
    """Is the callee at its CPU limit? Requests then wait before they are measured."""
    workload = signals.get(target)
    held = workload.signal("throttled") if workload else None
    return held is not None and (held.value or 0.0) >= THROTTLED


def _own_delay(edge: Dependency, signals: Mapping[Entity, EntitySignals]) -> float | None:
    """Seconds by which the callee became slower as itself measures it, at its median or its slowest percent;
    None where it does not measure, or is an entry's gateway that measures for it."""
    service = signals.get(edge.service) if edge.service else None
    if service is None or edge.source.kind == "Ingress":
        return None
    median = service.signal(MEASURED)
    if median is None or median.value is None or median.baseline is None:
        return None
    return median.value - median.baseline
