"""More replicas: of what can be shared, as far as its autoscaler lets."""

from __future__ import annotations

from typing import Any

import pytest

from aiops.agents.remedies.kit.registry import RemedyCase
from aiops.agents.remedies.scale_out import growth_needed, scale_out
from aiops.agents.scoping.scope import CallMap, Scope
from aiops.agents.toolbox import Toolbox
from aiops.analysis.state.cluster import ClusterState
from aiops.clients.kubernetes import KubernetesClient
from aiops.core.clock import VirtualClock
from aiops.core.diagnosis import RootCause
from aiops.core.entity import Edge, Entity
from aiops.core.evidence import Evidence, Hypothesis, Query, Source, Window
from aiops.core.mechanism import Mechanism
from aiops.tools.golden_signals import EntitySignals, Signal
from aiops.tools.kit.context import Context
from aiops.tools.kit.results import TimeSeries
from aiops.tools.kit.signal_sources import SignalName

WEB, CART, MAIL = (Entity(kind="Deployment", namespace="shop", name=name) for name in ("web", "cart", "mail"))
WINDOW = Window(start=0, end=1)
SCOPE = Scope(namespaces=("shop",), signals=(), onset=1000, reported=1100, window=WINDOW, baseline=WINDOW)


def deployment(name: str, replicas: int, kind: str = "Deployment") -> dict[str, Any]:
    return {"kind": kind, "metadata": {"namespace": "shop", "name": name}, "spec": {"replicas": replicas}}


def full(name: str) -> Evidence:
    subject = Entity(kind="Deployment", namespace="shop", name=name)
    blamed = Hypothesis(subject=WEB, mechanism=Mechanism.LOAD_INCREASE, strength=0.7)
    asked = Query(tool="golden_signals", arguments={})
    return Evidence(
        id=f"load-{name}",
        source=Source.METRICS,
        subject=subject,
        query=asked,
        window=WINDOW,
        summary="full",
        observed="full",
        score=0.5,
        suggests=(blamed,),
    )


def case(kind: str, replicas: int, most: int | None = None, more: tuple[str, ...] = ()) -> RemedyCase:
    meta = {"namespace": "shop", "name": "web"}
    objects = [deployment("web", replicas, kind), *(deployment(name, replicas) for name in more)]
    if most is not None:
        spec = {"scaleTargetRef": {"kind": kind, "name": "web"}, "maxReplicas": most}
        objects.append({"kind": "HorizontalPodAutoscaler", "metadata": {**meta, "name": "web-hpa"}, "spec": spec})
    cause = RootCause(
        subject=WEB.model_copy(update={"kind": kind}),
        mechanism=Mechanism.LOAD_INCREASE,
        confidence=0.9,
        summary="s",
        evidence=(),
    )
    ctx = Context(kube=KubernetesClient.at("http://cluster"), clock=VirtualClock(0.0))
    tools, cited = Toolbox(ctx, ("golden_signals",)), tuple(full(name) for name in more)
    return RemedyCase(cause, SCOPE, ClusterState(objects, 0.0), (), 0.0, tools, cited)


async def test_replicas_are_doubled() -> None:
    (proposal,) = await scale_out(case("Deployment", 3))
    assert (proposal.tool, proposal.arguments) == ("scale", {"workload": "Deployment/shop/web", "replicas": 6})


async def test_an_autoscaler_at_its_bound_may_ask_for_more() -> None:
    (proposal,) = await scale_out(case("Deployment", 4, most=4))
    scaler = "HorizontalPodAutoscaler/shop/web-hpa"
    assert (proposal.tool, proposal.arguments) == ("set_autoscaler", {"autoscaler": scaler, "max_replicas": 8})


async def test_what_is_full_by_the_same_load_grows_with_it_where_one_alone_did_not_help() -> None:
    alone, proposal = await scale_out(case("Deployment", 2, more=("cart",)))
    assert (alone.tool, alone.arguments) == ("scale", {"workload": "Deployment/shop/web", "replicas": 4})
    arguments = {"workloads": ["Deployment/shop/web", "Deployment/shop/cart"], "replicas": [4, 4]}
    assert (proposal.tool, proposal.arguments, proposal.target) == ("scale_together", arguments, WEB)


def test_the_growth_is_what_users_send_times_what_was_used_before() -> None:
    def signals(entity: Entity, name: SignalName, before: float, now: float) -> EntitySignals:
        series = TimeSeries(labels={}, times=(), values=())
        return EntitySignals(entity=entity, signals=(Signal(name=name, value=now, baseline=before, series=series),))

    service = Entity(kind="Service", namespace="shop", name="web")
    calls = CallMap(
        workloads=(WEB, CART, MAIL),
        calls=(Edge(source=WEB, target=CART),),
        belongs={str(service): (WEB,)},
        entries=(WEB,),
    )
    found = [
        signals(service, "rate", 10.0, 30.0),
        signals(WEB, "cpu_of_limit", 0.65, 1.0),
        signals(CART, "cpu_of_limit", 0.1, 0.3),
        signals(MAIL, "cpu_of_limit", 0.9, 0.9),
    ]
    assert growth_needed(found, calls) == {WEB: pytest.approx(3.0)}, "mail gets nothing from users"
    assert growth_needed(found[1:], calls) == {}


@pytest.mark.parametrize("given", [("Deployment", 1), ("StatefulSet", 3), ("Deployment", 3, 5)])
async def test_what_is_left_alone(given: tuple[Any, ...]) -> None:
    """What may hold data of its own, and what an autoscaler is still raising."""
    assert await scale_out(case(*given)) == []
