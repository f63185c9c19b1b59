"""A limit fits the workload itself, not a neighbour whose name begins the same."""

from __future__ import annotations

import copy
from collections.abc import Awaitable, Callable
from typing import Any

from aiops.agents.remedies.kit.registry import READS, RemedyCase
from aiops.agents.remedies.limits import HEADROOM, LEAST_GROWTH, memory_limit
from aiops.agents.scoping.scope import Scope
from aiops.agents.toolbox import Toolbox
from aiops.analysis.state.cluster import ClusterState
from aiops.core.diagnosis import RootCause
from aiops.core.entity import Entity
from aiops.core.evidence import Window
from aiops.core.mechanism import Mechanism
from aiops.core.quantity import parse_quantity

GEO = Entity(kind="Deployment", namespace="hotel", name="geo")
SMALL = 64 * 2**20
"""Bytes of a limit that is far below what either workload holds."""


def _neighbour(cluster: Any) -> dict[str, Any]:
    """A data store named after `geo`, with a container of the same name that holds several times as much."""
    store: dict[str, Any] = copy.deepcopy(cluster.get("Deployment", "hotel", "mongodb-geo"))
    store.pop("status", None)
    store["metadata"] = {"name": "geo-cache", "namespace": "hotel"}
    store["spec"]["template"]["spec"]["containers"][0]["name"] = "geo"
    return store


async def test_a_limit_is_not_raised_to_the_peak_of_a_neighbour(rig_of: Callable[..., Awaitable[Any]]) -> None:
    rig = await rig_of(history=30)
    rig.world.cluster.create(_neighbour(rig.world.cluster), manager="helm")
    rig.run(120)
    lately = Window(start=rig.world.now - 60, end=rig.world.now)
    geo = copy.deepcopy(rig.world.cluster.get("Deployment", "hotel", "geo"))
    geo["spec"]["template"]["spec"]["containers"][0]["resources"] = {"limits": {"memory": str(SMALL)}}
    scope = Scope(
        namespaces=("hotel",), signals=(), onset=lately.end, reported=lately.end, window=lately, baseline=lately
    )
    cause = RootCause(subject=GEO, mechanism=Mechanism.RESOURCE_MEMORY_LIMIT, confidence=0.9, evidence=(), summary="s")
    state = ClusterState([geo], lately.end)
    case = RemedyCase(cause, scope, state, (), lately.end, Toolbox(rig.ctx, READS))
    (proposal,) = await memory_limit(case)
    assert LEAST_GROWTH * SMALL < parse_quantity(proposal.arguments["limits"]["memory"]) < HEADROOM * 200 * 2**20
