"""Load, told from a limit that is too small and from retries."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from aiops.agents.scoping.scope import CallMap, Scope
from aiops.agents.specialists.load import overloaded
from aiops.core.entity import Edge, Entity
from aiops.core.evidence import Window
from aiops.core.mechanism import Mechanism
from aiops.tools.golden_signals import EntitySignals, Signal
from aiops.tools.kit.results import TimeSeries

ONSET = 10_000.0
WEB = Entity(kind="Deployment", namespace="shop", name="web")
CART = Entity(kind="Deployment", namespace="shop", name="cart")
SCOPE = Scope(
    namespaces=("shop",),
    signals=(),
    onset=ONSET,
    reported=ONSET + 150,
    window=Window(start=ONSET, end=ONSET + 300),
    baseline=Window(start=ONSET - 1200, end=ONSET - 90),
    call_map=CallMap(
        workloads=(WEB, CART),
        calls=(Edge(source=WEB, target=CART),),
        belongs={"Service/shop/web": (WEB,), "Service/shop/cart": (CART,)},
        entries=(WEB,),
    ),
)


def signal(name: Any, before: float, after: float, change: float = ONSET + 30) -> Signal:
    times = np.arange(ONSET - 1200, ONSET + 301, 15.0)
    values = np.where(times < change, before, after)
    series = TimeSeries(labels={}, times=tuple(times.tolist()), values=tuple(values.tolist()))
    return Signal(name=name, value=after, baseline=before, series=series)


def shop(users: float, cart: float, throttled: float, load_at: float = ONSET + 30) -> list[EntitySignals]:
    """Requests at `web` and `cart` (100 a second before), and how much `cart` is throttled (not at all before)."""
    service = {name: Entity(kind="Service", namespace="shop", name=name) for name in ("web", "cart")}
    return [
        EntitySignals(entity=service["web"], signals=(signal("rate", 100, users, load_at),)),
        EntitySignals(entity=service["cart"], signals=(signal("rate", 100, cart, load_at),)),
        EntitySignals(entity=CART, signals=(signal("throttled", 0.0, throttled, ONSET + 60),)),
    ]


def test_a_workload_that_users_overload_is_named() -> None:
    (found,) = overloaded(shop(users=200, cart=200, throttled=0.6), SCOPE)
    (blamed,) = found.suggests
    assert (found.subject, blamed.subject, blamed.mechanism) == (CART, CART, Mechanism.LOAD_INCREASE)
    assert "2.0 times as many" in found.summary
    assert found.onset == ONSET + 30


@pytest.mark.parametrize(
    ("why", "given"),
    [
        ("users send as before: the limit is too small", {"users": 105, "cart": 105, "throttled": 0.6}),
        ("only callers inside send more: they try again", {"users": 100, "cart": 400, "throttled": 0.6}),
        ("it is carried", {"users": 200, "cart": 200, "throttled": 0.05}),
        ("users call other parts", {"users": 200, "cart": 100, "throttled": 0.6}),
        ("it came after", {"users": 200, "cart": 200, "throttled": 0.6, "load_at": ONSET + 180}),
    ],
)
def test_what_is_no_load(why: str, given: dict[str, float]) -> None:
    assert overloaded(shop(**given), SCOPE) == [], why
