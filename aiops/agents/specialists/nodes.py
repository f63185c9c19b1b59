"""Nodes: what machines tell of themselves that are ill or full, beside what their objects say."""

from __future__ import annotations

from aiops.agents.registry import Observation, specialist
from aiops.agents.scoping.cluster_objects import read_kind
from aiops.agents.scoping.scope import Scope
from aiops.agents.specialists.support.connection_table import TABLE, crowding
from aiops.agents.specialists.support.machine_trouble import MachineReading, MachineTrouble, troubles
from aiops.agents.toolbox import Toolbox, query
from aiops.core.evidence import Hypothesis, Source
from aiops.tools.metric_query import metric_query


@specialist(name="nodes", source=Source.METRICS, tools=("metric_query", "list_objects"))
async def nodes(scope: Scope, tools: Toolbox) -> list[Observation]:
    """Looks which machines are silent, which have a wrong clock, a full table or a bad card, and on which something
    that is no pod uses CPU or memory up."""
    manifests = await read_kind(tools, "Node")
    if not manifests:
        return []
    reading = MachineReading(scope, tools, manifests)
    with tools.unnoted():  # a cluster without node exporters says nothing here
        told = await troubles(reading)
        shares = await reading.now(TABLE)
    return [*(_observation(one, scope) for one in told), *await crowding(shares, scope, tools)]


def _observation(told: MachineTrouble, scope: Scope) -> Observation:
    return Observation(
        subject=told.node,
        query=query(metric_query, query=told.asked, window=scope.window),
        window=scope.window,
        summary=told.summary,
        observed=told.observed,
        score=0.9,
        suggests=(Hypothesis(subject=told.node, mechanism=told.mechanism, strength=told.strength),),
    )
