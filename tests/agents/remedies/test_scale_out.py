"""More replicas: of what can be shared, as far as its autoscaler lets."""

from __future__ import annotations

from typing import Any

import pytest

from aiops.agents.remedies.kit.registry import RemedyCase
from aiops.agents.remedies.scale_out import scale_out
from aiops.agents.scoping.scope import Scope
from aiops.agents.toolbox import Toolbox
from aiops.analysis.state.cluster import ClusterState
from aiops.core.diagnosis import RootCause
from aiops.core.entity import Entity
from aiops.core.evidence import Window
from aiops.core.mechanism import Mechanism

WINDOW = Window(start=0, end=1)
SCOPE = Scope(namespaces=("shop",), signals=(), onset=1000, reported=1100, window=WINDOW, baseline=WINDOW)


def case(kind: str, replicas: int, most: int | None = None) -> RemedyCase:
    meta = {"namespace": "shop", "name": "web"}
    objects: list[dict[str, Any]] = [{"kind": kind, "metadata": meta, "spec": {"replicas": replicas}}]
    if most is not None:
        spec = {"scaleTargetRef": {"kind": kind, "name": "web"}, "maxReplicas": most}
        objects.append({"kind": "HorizontalPodAutoscaler", "metadata": {**meta, "name": "web-hpa"}, "spec": spec})
    cause = RootCause(
        subject=Entity(kind=kind, namespace="shop", name="web"),
        mechanism=Mechanism.LOAD_INCREASE,
        confidence=0.9,
        summary="s",
        evidence=(),
    )
    return RemedyCase(cause, SCOPE, ClusterState(objects, 0.0), (), 0.0, Toolbox(None, ()))  # type: ignore[arg-type]  # nothing is read


async def test_replicas_are_doubled() -> None:
    (proposal,) = await scale_out(case("Deployment", 3))
    assert (proposal.tool, proposal.arguments) == ("scale", {"workload": "Deployment/shop/web", "replicas": 6})


async def test_an_autoscaler_at_its_bound_may_ask_for_more() -> None:
    (proposal,) = await scale_out(case("Deployment", 4, most=4))
    scaler = "HorizontalPodAutoscaler/shop/web-hpa"
    assert (proposal.tool, proposal.arguments) == ("set_autoscaler", {"autoscaler": scaler, "max_replicas": 8})


@pytest.mark.parametrize("given", [("Deployment", 1), ("StatefulSet", 3), ("Deployment", 3, 5)])
async def test_what_is_left_alone(given: tuple[Any, ...]) -> None:
    """What may hold data of its own, and what an autoscaler is still raising."""
    assert await scale_out(case(*given)) == []
