"""Values of one small investigation, written by hand: a scope, a series, an evidence."""

from __future__ import annotations

from typing import Any

import numpy as np

from aiops.agents.scoping.scope import CallMap, Scope
from aiops.core.entity import Edge, Entity, Subject
from aiops.core.evidence import Evidence, Query, Source, Window
from aiops.core.incident import Signal
from aiops.core.telemetry import Series

ONSET = 10_000.0
WEB = Entity(kind="Deployment", namespace="shop", name="web")
CART = Entity(kind="Deployment", namespace="shop", name="cart")


def make_scope(**more: Any) -> Scope:
    """`web` calls `cart`; users come to `web`."""
    alert = Signal(id="s", kind="alert", title="t", fingerprint="f", starts_at=ONSET + 150, received_at=ONSET + 155)
    belongs = {"Service/shop/web": (WEB,), "Service/shop/cart": (CART,), str(WEB): (WEB,), str(CART): (CART,)}
    calls = (Edge(source=WEB, target=CART),)
    fields: dict[str, Any] = {
        "namespaces": ("shop",),
        "signals": (alert,),
        "onset": ONSET,
        "reported": ONSET + 150,
        "window": Window(start=ONSET, end=ONSET + 300),
        "baseline": Window(start=ONSET - 1200, end=ONSET - 90),
        "call_map": CallMap(workloads=(WEB, CART), calls=calls, belongs=belongs, entries=(WEB,)),
    }
    return Scope(**{**fields, **more})


def make_series(before: float, after: float, change: float = ONSET + 30) -> Series:
    """A level before a moment, and another one from then on."""
    times = np.arange(ONSET - 1200, ONSET + 301, 15.0)
    return Series({}, times, np.where(times < change, before, after))


def see(identity: str, subject: Subject, score: float, source: Source = Source.METRICS, **more: Any) -> Evidence:
    """An evidence about a subject."""
    window = Window(start=ONSET, end=ONSET + 300)
    fields = {
        "query": Query(tool="golden_signals"),
        "window": window,
        "summary": f"Seen at {subject}.",
        "observed": "x",
    }
    return Evidence(id=identity, source=source, subject=subject, score=score, **{**fields, **more})
