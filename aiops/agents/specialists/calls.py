"""Calls: which calls between workloads fail or are slow now, as their callers see them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from aiops.agents.registry import Observation, specialist
from aiops.agents.scoping.observed_calls import AT_HOME, WORKED, main_error
from aiops.agents.scoping.scope import Scope
from aiops.agents.specialists.support.signal_rules import NEWEST, PASSED
from aiops.agents.specialists.support.slow_calls import MEASURED, edge_query, is_slower, slowness
from aiops.agents.toolbox import Toolbox
from aiops.core.entity import Edge, Entity
from aiops.core.evidence import Hypothesis, Source, Window
from aiops.core.mechanism import Mechanism
from aiops.tools.dependencies import CallStats, Dependency, dependencies
from aiops.tools.golden_signals import EntitySignals, golden_signals

ERROR_SCALE = 0.05
"""Rise of an edge's error ratio at which its score is two thirds."""

USUAL = 0.002
"""Error ratio above the baseline that is no departure."""

NOT_UNDERSTOOD = frozenset({"404", "405", "406", "410", "415", "422", "501", "unimplemented", "12"})
"""Kinds of error by which a server says that it does not know what it is asked for; 12 is gRPC's UNIMPLEMENTED."""

EdgeKey = tuple[Entity, Entity, str, str]


@specialist(name="calls", source=Source.METRICS, tools=("dependencies", "golden_signals"))
async def calls(scope: Scope, tools: Toolbox) -> list[Observation]:
    """Compares errors and durations of every call between workloads with the baseline, and reads the kind of error."""
    found: list[Observation] = []
    for namespace in scope.each_namespace():
        result = await tools.read(dependencies, scope.window, scope.baseline, namespace)
        edges = result.edges if result else ()
        passed = await _passed(edges, namespace, scope, tools)
        for edge in edges:
            if edge.now is not None:
                share = PASSED if _key(edge) in passed else 1.0
                found += _errors(edge, edge.now, scope, share)
        found += slowness(edges, await _callees(edges, namespace, scope, tools), scope)
    return found


async def _callees(
    edges: Sequence[Dependency], namespace: str, scope: Scope, tools: Toolbox
) -> dict[Entity, EntitySignals]:
    """How the called Services answer by their own measure; read only where calls are slow."""
    if not any(map(is_slower, edges)):
        return {}
    result = await tools.read(golden_signals, scope.window, scope.baseline, namespace, signal=(MEASURED, "throttled"))
    return {item.entity: item for item in (result.entities if result else ())}


async def _passed(edges: Sequence[Dependency], namespace: str, scope: Scope, tools: Toolbox) -> frozenset[EdgeKey]:
    """The edges whose errors are over: the newest part of the window has no more of them than the baseline."""
    if not any(edge.now and _risen(edge.now, edge) > 0 for edge in edges):
        return frozenset()
    window = Window(start=scope.window.end - NEWEST, end=scope.window.end)
    result = await tools.read(dependencies, window, None, namespace)
    newest = {_key(edge): edge.now for edge in (result.edges if result else ()) if edge.now is not None}
    return frozenset(_key(e) for e in edges if (now := newest.get(_key(e))) is not None and _risen(now, e) <= 0)


def _key(edge: Dependency) -> EdgeKey:
    return edge.source, edge.target, edge.address, edge.port


def _risen(now: CallStats, edge: Dependency) -> float:
    """By how much the error ratio exceeds the baseline and what happens anyway."""
    before = edge.baseline.error_ratio if edge.baseline else 0.0
    return now.error_ratio - before - USUAL


def _errors(edge: Dependency, now: CallStats, scope: Scope, share: float) -> list[Observation]:
    before = edge.baseline.error_ratio if edge.baseline else 0.0
    score = share * (1 - math.exp(-max(_risen(now, edge), 0.0) / ERROR_SCALE))
    if score < 0.05:
        return []
    kind = main_error(now)
    port = f":{edge.port}" if edge.port else ""
    at_home = AT_HOME.search(kind) is not None
    return [
        Observation(
            subject=edge.source if at_home else Edge(source=edge.source, target=edge.target),
            query=edge_query(edge, scope),
            window=scope.window,
            summary=f"Calls from {edge.source} to {edge.target} fail, mostly with {kind or 'an unnamed error'}.",
            observed=f"{now.error_ratio:.1%} of {now.rate:.3g} calls a second to {edge.address}{port}",
            baseline=f"{before:.1%}",
            score=score,
            suggests=_suggests(edge, kind),
        )
    ]


def _suggests(edge: Dependency, kind: str) -> tuple[Hypothesis, ...]:
    """What a kind of error speaks for by itself: weakly, since processes that crash refuse connections as well."""
    if "refused" in kind and edge.service is not None:
        return (Hypothesis(subject=edge.service, mechanism=Mechanism.CONFIG_TARGET_PORT, strength=0.3),)
    if "name" in kind or "resolve" in kind or "dns" in kind:
        if edge.baseline is not None and edge.baseline.error_ratio < WORKED:
            return ()  # the same name led somewhere before: it is not the caller that has a wrong one
        return (Hypothesis(subject=edge.source, mechanism=Mechanism.CONFIG_ENV_VALUE, strength=0.4),)
    if kind.lower() in NOT_UNDERSTOOD:
        return _not_understood(edge)
    if "certificate" in kind or "tls" in kind:
        return (Hypothesis(subject=edge.target, mechanism=Mechanism.TLS_CERTIFICATE_EXPIRED, strength=0.4),)
    return ()


def _not_understood(edge: Dependency) -> tuple[Hypothesis, ...]:
    """A gateway sends a path that nobody serves; of two programs either may be the one that moved on alone."""
    if edge.source.kind == "Ingress":
        return (Hypothesis(subject=edge.source, mechanism=Mechanism.CONFIG_INGRESS, strength=0.4),)
    ends = ((edge.target, 0.35), (edge.source, 0.25))
    return tuple(Hypothesis(subject=e, mechanism=Mechanism.ROLLOUT_PARTIAL, strength=s) for e, s in ends)
