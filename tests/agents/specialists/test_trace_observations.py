"""What traces speak for."""

from __future__ import annotations

from aiops.agents.scoping.scope import CallMap, Scope
from aiops.agents.specialists.traces import observations
from aiops.core.entity import Entity
from aiops.core.evidence import Window
from aiops.core.mechanism import Mechanism
from aiops.tools.trace_breakdown import ErrorOrigin, GapStats, OperationStats, SpanStats, TraceBreakdown

WINDOW = Window(start=1000, end=1300)
WEB = Entity(kind="Deployment", namespace="shop", name="web")
CART = Entity(kind="Deployment", namespace="shop", name="cart")
SCOPE = Scope(
    namespaces=("shop",),
    signals=(),
    onset=1000,
    reported=1100,
    window=WINDOW,
    baseline=WINDOW,
    call_map=CallMap(workloads=(WEB, CART)),
)


def breakdown(**parts: object) -> TraceBreakdown:
    return TraceBreakdown.model_validate({"traces": 100, "baseline_traces": 100, **parts})


def spans(seconds: float) -> SpanStats:
    return SpanStats(count=50, error_ratio=0, p50=seconds, p99=seconds, self_p50=seconds, self_p99=seconds)


def test_errors_of_a_program_itself_speak_a_little_for_its_version() -> None:
    origin = ErrorOrigin(service="cart", address="", now=20, baseline=0)
    (found,) = observations(breakdown(origins=(origin,)), SCOPE)
    (blamed,) = found.suggests
    assert (found.subject, blamed.mechanism) == (CART, Mechanism.APP_VERSION)
    assert blamed.strength < 0.35, "not enough to act on alone"


def test_errors_on_the_way_say_nothing_of_the_caller_or_its_version() -> None:
    origin = ErrorOrigin(service="web", address="cart:80", now=20, baseline=0)
    (found,) = observations(breakdown(origins=(origin,)), SCOPE)
    assert str(found.subject) == "Deployment/shop/web -> Deployment/shop/cart"
    assert found.suggests == ()


def test_slowness_of_a_program_itself_speaks_a_little_for_its_version() -> None:
    operation = OperationStats(service="cart", operation="GET /", now=spans(0.5), baseline=spans(0.01))
    (found,) = observations(breakdown(operations=(operation,)), SCOPE)
    assert [h.mechanism for h in found.suggests] == [Mechanism.APP_VERSION]


def test_time_that_neither_end_spent_speaks_for_the_network() -> None:
    gap = GapStats(caller="web", callee="cart", now=0.3, baseline=0.002)
    (found,) = observations(breakdown(gaps=(gap,)), SCOPE)
    assert [h.mechanism for h in found.suggests] == [Mechanism.NETWORK_LATENCY]
    assert observations(breakdown(gaps=(gap.model_copy(update={"now": 0.003}),)), SCOPE) == []
