"""The kernel's table of connections: where it is full, no new connection passes, whoever fills it."""

from __future__ import annotations

from collections.abc import Mapping

from aiops.agents.registry import Observation
from aiops.agents.scoping.cluster_objects import read_kind
from aiops.agents.scoping.scope import Scope
from aiops.agents.toolbox import Toolbox, query
from aiops.analysis.state.owners import workload_of
from aiops.core.entity import Entity, Manifest
from aiops.core.evidence import Hypothesis
from aiops.core.mechanism import Mechanism
from aiops.core.moments import created_at
from aiops.tools.metric_query import metric_query

TABLE = "node_nf_conntrack_entries / node_nf_conntrack_entries_limit"
"""The share that is in use, by node."""

TABLE_FULL = 0.95

LATELY = 1800.0
"""Seconds before the onset from which a workload is new."""


async def crowding(shares: Mapping[str, float], scope: Scope, tools: Toolbox) -> list[Observation]:
    """Who fills the tables that are full, by the share of each node's table that is in use: the workloads there that
    were made shortly before, else those that were given pods there."""
    full = sorted(node for node, share in shares.items() if share >= TABLE_FULL)
    if not full:
        return []
    pods = [pod for ns in scope.each_namespace() for pod in await read_kind(tools, "Pod", ns)]
    here = [pod for pod in pods if pod["spec"].get("nodeName") in full]
    new = sorted({str(w): w for pod in here if (w := workload_of(pod)) and _began(pod, scope)}.items())
    made = await _made_lately([entity for _, entity in new], scope, tools)
    suspects = made or [entity for _, entity in new]
    strength = 0.95 if len(suspects) == 1 else 0.6 / max(len(suspects), 1)
    nodes = ", ".join(full)
    return [
        Observation(
            subject=Entity(kind="Node", name=full[0]),
            query=query(metric_query, query=TABLE, window=scope.window),
            window=scope.window,
            summary=f"The table of connections is full on {nodes}: no new connection passes.",
            observed=", ".join(f"{name}: {shares[name]:.0%}" for name in full),
            score=0.9,
            suggests=tuple(
                Hypothesis(subject=entity, mechanism=Mechanism.NETWORK_PORTS_EXHAUSTED, strength=strength)
                for entity in suspects
            ),
        )
    ]


def _began(pod: Manifest, scope: Scope) -> bool:
    return (created_at(pod) or 0.0) >= scope.onset - LATELY


async def _made_lately(workloads: list[Entity], scope: Scope, tools: Toolbox) -> list[Entity]:
    """Those that were themselves made lately, and not only given new pods."""
    found = []
    for kind, namespace in sorted({(w.kind, w.namespace) for w in workloads}):
        for item in await read_kind(tools, kind, namespace):
            entity = Entity.of(item)
            made = created_at(item)
            if entity in workloads and made is not None and made >= scope.onset - LATELY:
                found.append(entity)
    return found
