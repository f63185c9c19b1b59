"""Cluster state: runs every check of raw objects."""

from __future__ import annotations

from aiops.agents.registry import Observation, specialist
from aiops.agents.scoping.cluster_objects import read_state
from aiops.agents.scoping.observed_calls import observed_calls
from aiops.agents.scoping.scope import Scope
from aiops.agents.toolbox import Toolbox, query
from aiops.analysis.state.registry import Finding, run_all
from aiops.core.evidence import Source, Window
from aiops.tools.get_object import get_object


@specialist(name="cluster-state", source=Source.KUBERNETES, tools=("list_objects", "dependencies"))
async def cluster_state(scope: Scope, tools: Toolbox) -> list[Observation]:
    """Checks the objects of the scope's namespaces for settings that cannot work and for pods that fail."""
    calls = await observed_calls(tools, scope.namespaces, scope.window, scope.baseline)
    state = await read_state(tools, scope.namespaces, calls)
    inside = [(n, f) for n, f in run_all(state) if not scope.namespaces or f.seen_in.namespace in scope.namespaces]
    return [_observation(name, finding, state.now) for name, finding in inside]


def _observation(check: str, finding: Finding, now: float) -> Observation:
    return Observation(
        subject=finding.subject,
        query=query(get_object, entity=finding.seen_in),
        window=Window(start=min(finding.since or now, now), end=now),
        summary=finding.summary,
        observed=f"{check}: {finding.observed}",
        score=finding.score,
        onset=finding.since,
        suggests=finding.suggests,
    )
