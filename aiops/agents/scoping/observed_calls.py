"""The calls between workloads, as the checks of cluster state want them."""

from __future__ import annotations

import re

from aiops.agents.scoping.scope import each_namespace
from aiops.agents.toolbox import Toolbox
from aiops.analysis.state.cluster import ObservedCall
from aiops.core.evidence import Window
from aiops.tools.dependencies import CallStats, Dependency, dependencies

FAILING = 0.01
"""Error ratio below which an edge's errors are what happens anyway."""

AT_HOME = re.compile(r"pool|circuit|too_many_open_files|emfile", re.IGNORECASE)
"""Kinds of error of calls that never left their caller: they say nothing of the one that was to be called."""

TRIED = 0.03
"""Share of the commonest kind of error from which another one is no chance."""

WORKED = 0.5
"""Error ratio of the baseline below which calls got through: fewer failed than succeeded."""


async def observed_calls(
    tools: Toolbox, namespaces: tuple[str, ...], window: Window, baseline: Window | None = None
) -> list[ObservedCall]:
    """The calls seen in the window, or in the baseline. Without a baseline nothing tells which of them ever worked."""
    found: list[ObservedCall] = []
    for namespace in each_namespace(namespaces):
        result = await tools.read(dependencies, window, baseline, namespace)
        found += [_call(edge) for edge in (result.edges if result else ())]
    return found


def main_error(stats: CallStats) -> str:
    """The kind of error that most failing calls have; empty where none fails."""
    return max(sorted(stats.error_types), key=lambda kind: stats.error_types[kind], default="")


def met_error(stats: CallStats) -> str:
    """The kind of error that most calls met which left their caller. Where an open circuit breaker or an empty pool
    keeps most of them in, the few that it lets through to try say why."""
    out = {kind: ratio for kind, ratio in stats.error_types.items() if AT_HOME.search(kind) is None}
    most = max(stats.error_types.values(), default=0.0)
    tried = {kind: ratio for kind, ratio in out.items() if ratio >= TRIED * most}
    return main_error(stats.model_copy(update={"error_types": tried or dict(stats.error_types)}))


def _call(edge: Dependency) -> ObservedCall:
    ratio = edge.now.error_ratio if edge.now else 0.0
    return ObservedCall(
        source=edge.source,
        host=edge.address,
        port=int(edge.port) if edge.port.isdigit() else None,
        error_ratio=ratio if ratio > FAILING else 0.0,
        error_type=met_error(edge.now) if edge.now else "",
        worked=edge.baseline is not None and edge.baseline.error_ratio < WORKED,
        protocol=edge.protocol,
    )
