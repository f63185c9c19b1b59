"""Slow calls: the callee, or the way to it."""

from __future__ import annotations

import pytest

from aiops.agents.scoping.scope import Scope
from aiops.agents.specialists.support.slow_calls import slowness
from aiops.core.entity import Entity
from aiops.core.evidence import Window
from aiops.core.mechanism import Mechanism
from aiops.tools.dependencies import CallStats, Dependency
from aiops.tools.golden_signals import EntitySignals, Signal
from aiops.tools.kit.results import TimeSeries

WINDOW = Window(start=1000, end=1300)
SCOPE = Scope(namespaces=("shop",), signals=(), onset=1000, reported=1100, window=WINDOW, baseline=WINDOW)
WEB = Entity(kind="Deployment", namespace="shop", name="web")
CART = Entity(kind="Deployment", namespace="shop", name="cart")
SERVICE = Entity(kind="Service", namespace="shop", name="cart")


def edge(before: float, now: float, service: Entity | None = SERVICE, source: Entity = WEB) -> Dependency:
    stats = [CallStats(rate=10, error_ratio=0, error_types={}, seconds=seconds) for seconds in (now, before)]
    return Dependency(
        source=source, target=CART, service=service, address="cart", protocol="http", now=stats[0], baseline=stats[1]
    )


def median(before: float, now: float) -> dict[Entity, EntitySignals]:
    series = TimeSeries(labels={}, times=(), values=())
    signal = Signal(name="p50", value=now, baseline=before, series=series)
    return {SERVICE: EntitySignals(entity=SERVICE, signals=(signal,))}


def test_a_callee_that_answers_as_fast_as_before_leaves_the_way() -> None:
    (found,) = slowness([edge(0.01, 0.3)], median(0.008, 0.009), SCOPE)
    (blamed,) = found.suggests
    assert blamed.mechanism == Mechanism.NETWORK_LATENCY
    assert str(blamed.subject) == "Deployment/shop/web -> Deployment/shop/cart"


@pytest.mark.parametrize(
    ("why", "call", "signals"),
    [
        ("the callee itself is slow", edge(0.01, 0.3), median(0.008, 0.29)),
        ("nobody measured the callee", edge(0.01, 0.3), {}),
        ("it is no Service of the cluster", edge(0.01, 0.3, service=None), median(0.008, 0.009)),
        (
            "a gateway waits for users, too",
            edge(0.01, 0.3, source=Entity(kind="Ingress", namespace="shop", name="in")),
            median(0.008, 0.009),
        ),
    ],
)
def test_else_a_slow_call_is_seen_but_not_explained(
    why: str, call: Dependency, signals: dict[Entity, EntitySignals]
) -> None:
    (found,) = slowness([call], signals, SCOPE)
    assert found.suggests == (), why


@pytest.mark.parametrize(("before", "now"), [(0.01, 0.015), (0.001, 0.005), (0.3, 0.01)])
def test_trifles_are_no_slowness(before: float, now: float) -> None:
    assert slowness([edge(before, now)], {}, SCOPE) == []
