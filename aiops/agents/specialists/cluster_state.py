"""Cluster state: runs every check of raw objects."""

from __future__ import annotations

from aiops.agents.registry import Observation, specialist
from aiops.agents.scoping.cluster_objects import read_state
from aiops.agents.scoping.observed_calls import observed_calls
from aiops.agents.scoping.scope import Scope
from aiops.agents.toolbox import Toolbox, query
from aiops.analysis.state.registry import Finding, run_all
from aiops.core.evidence import Source, Window
from aiops.core.wellknown import SYSTEM_NAMESPACE
from aiops.tools.get_object import get_object


@specialist(name="cluster-state", source=Source.KUBERNETES, tools=("list_objects", "dependencies"))
async def cluster_state(scope: Scope, tools: Toolbox) -> list[Observation]:
    """Checks the objects of the scope's namespaces for settings that cannot work and for pods that fail,
    and those of the whole cluster on which they lean."""
    calls = await observed_calls(tools, scope.namespaces, scope.window, scope.baseline)
    state = await read_state(tools, scope.namespaces, calls)
    return [_observation(name, finding, state.now) for name, finding in run_all(state) if _concerns(finding, scope)]


def _concerns(finding: Finding, scope: Scope) -> bool:
    """Is it about the scope's namespaces, or about what all namespaces lean on?"""
    return not scope.namespaces or finding.seen_in.namespace in ("", SYSTEM_NAMESPACE, *scope.namespaces)


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
