from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.analysis.traces.table import error_origins, gaps, table
from aiops.core.telemetry import Span


def _span(
    span_id: str,
    parent: str | None,
    service: str,
    start: float,
    duration: float,
    *,
    error: bool = False,
    kind: str = "server",
    address: str = "",
    trace: str = "t",
) -> Span:
    attributes = {"span.kind": kind} | ({"server.address": address} if address else {})
    return Span(trace, span_id, parent, service, f"{service}-op", start, duration, error, attributes)


def test_self_time_is_what_children_do_not_cover() -> None:
    found = table(
        [
            _span("a", None, "web", 0.0, 10.0),
            _span("b", "a", "cart", 1.0, 3.0),
            _span("c", "a", "cart", 2.0, 4.0),  # overlaps the one before
            _span("d", "a", "cart", 8.0, 5.0),  # outlasts its parent
        ]
    )
    assert found.self_times() == pytest.approx([10 - 5 - 4, 3.0, 4.0, 5.0])  # the last is moved inside


SPANS = st.lists(st.tuples(st.floats(-5, 15), st.floats(0, 12)), max_size=8)


@given(SPANS)
def test_self_time_is_never_negative_nor_longer_than_the_span(children: list[tuple[float, float]]) -> None:
    spans = [_span("root", None, "web", 0.0, 10.0)]
    spans += [_span(f"c{i}", "root", "cart", start, duration) for i, (start, duration) in enumerate(children)]
    found = table(spans)
    root = found.parent.tolist().index(-1)
    assert 0.0 <= found.self_times()[root] <= 10.0


def test_spans_are_told_apart_by_trace_and_lost_parents_do_not_matter() -> None:
    nodes = table(
        [_span("a", "lost", "web", 0, 1), _span("a", None, "web", 0, 1, trace="u"), _span("a", None, "web", 0, 1)]
    )
    assert len(nodes) == 2
    assert nodes.parent.tolist() == [-1, -1]
    assert nodes.operations == (("web", "web-op"),)


def test_the_gap_is_between_client_and_server_span() -> None:
    nodes = table(
        [
            _span("a", None, "web", 0.0, 1.0),
            _span("b", "a", "web", 0.1, 0.8, kind="client", address="cart"),
            _span("c", "b", "cart", 5.2, 0.3),  # a clock that is five seconds ahead
        ]
    )
    assert gaps(nodes) == {("web", "cart"): [pytest.approx(0.5)]}


def test_an_error_begins_where_nothing_below_errs() -> None:
    nodes = table(
        [
            _span("a", None, "web", 0, 1, error=True),
            _span("b", "a", "web", 0, 1, error=True, kind="client", address="cart:80"),
            _span("c", "b", "cart", 0, 1, error=True),
            _span("x", None, "web", 0, 1, error=True, trace="u"),
            _span("y", "x", "web", 0, 1, error=True, kind="client", address="geo", trace="u"),
            _span("z", None, "web", 0, 1, trace="v"),
        ]
    )
    assert error_origins(nodes) == {("cart", ""): 1, ("web", "geo"): 1}
