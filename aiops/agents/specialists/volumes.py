"""Volumes: which are full, and who fills them."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.agents.registry import Observation, specialist
from aiops.agents.scoping.cluster_objects import read_state
from aiops.agents.scoping.scope import Scope
from aiops.agents.toolbox import Toolbox, query
from aiops.analysis.state.cluster import ClusterState
from aiops.analysis.state.storage.users import newcomers, users_of
from aiops.core.entity import Entity
from aiops.core.evidence import Hypothesis, Source, Window
from aiops.core.mechanism import Mechanism
from aiops.tools.kit import results
from aiops.tools.metric_query import metric_query

FULL = 0.03
"""Share of bytes or files left from which writes fail: stores stop before the last block."""

FREE = {
    "bytes": "min by (namespace, persistentvolumeclaim) (kubelet_volume_stats_available_bytes"
    " / (kubelet_volume_stats_capacity_bytes > 0))",
    "files": "min by (namespace, persistentvolumeclaim) (kubelet_volume_stats_inodes_free"
    " / (kubelet_volume_stats_inodes > 0))",
}
FILLER, OWN, SHARED = 0.93, 0.85, 0.5
"""How far a full volume speaks against who came to it lately; against itself where nobody, and where somebody did."""

SMEAR = 60.0
"""Seconds after the start of the baseline in which a sample still tells of that start."""

LOOK_BACK = 7200.0
"""Seconds before the trouble in which whoever fills a volume may have come to it."""


@specialist(name="volumes", source=Source.METRICS, tools=("metric_query", "list_objects"))
async def volumes(scope: Scope, tools: Toolbox) -> list[Observation]:
    """Finds claims whose volumes have no bytes or no files left, and who came to them lately."""
    full = {what: series for what in FREE for series in [await _full(tools, FREE[what], scope)] if series}
    if not full:
        return []
    state = await read_state(tools, scope.namespaces)
    return [seen for what, found in full.items() for one in found for seen in _observed(scope, state, what, one)]


async def _full(tools: Toolbox, promql: str, scope: Scope) -> list[results.TimeSeries]:
    window = Window(start=scope.baseline.start, end=scope.window.end)
    with tools.unnoted():  # that no volume is full is no gap in the data, and not every storage tells
        result = await tools.read(metric_query, f"{promql} < {FULL}", window, 30)
    inside = [s for s in (result.series if result else ()) if _is_inside(s, scope)]
    return [series for series in inside if series.times and _is_news(series, scope)]


def _is_news(series: results.TimeSeries, scope: Scope) -> bool:
    """Did it fill up since, and is it full now? What was full while all was well is lived with."""
    return series.times[0] > scope.baseline.start + SMEAR and series.times[-1] >= scope.window.start


def _is_inside(series: results.TimeSeries, scope: Scope) -> bool:
    return not scope.namespaces or series.labels.get("namespace") in scope.namespaces


def _observed(scope: Scope, state: ClusterState, what: str, series: results.TimeSeries) -> Iterator[Observation]:
    labels = series.labels
    claim = Entity(
        kind="PersistentVolumeClaim", namespace=labels["namespace"], name=labels.get("persistentvolumeclaim", "")
    )
    new = newcomers(state, claim, scope.onset - LOOK_BACK)
    mechanism = Mechanism.RESOURCE_DISK_FULL
    field = "spec.resources.requests.storage"
    suggests = [Hypothesis(subject=user, mechanism=mechanism, strength=FILLER) for user in new]
    suggests.append(Hypothesis(subject=claim, mechanism=mechanism, strength=SHARED if new else OWN, field=field))
    for user in users_of(state, claim):
        if user in new:
            continue
        yield Observation(
            subject=user,
            query=query(metric_query, query=FREE[what], window=scope.window, step=30),
            window=scope.window,
            summary=f"The volume of {claim}, to which {user} writes, has no {what} left.",
            observed=f"{min(series.values):.1%} left",
            score=0.9,
            suggests=tuple(suggests),
        )
