"""Expressions that are asked together give what each of them gives alone, as the series come and go."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.lab.promql import Engine, PromqlError
from aiops.lab.promql.engine import Prepared
from aiops.lab.tsdb import TimeSeriesStore

QUERIES = (
    "sum by (x) (rate(m[1m]))",
    "rate(m[1m])",
    'sum by (x) (rate(m{code="5"}[1m])) / sum by (x) (rate(m[1m])) > 0.1',
    "sum without (code) (increase(m[2m] offset 1m))",
    "irate(m[1m])",
    "idelta(g[1m])",
    "delta(g[2m])",
    "avg_over_time(g[1m]) < 3",
    "max_over_time(g[45s])",
    "changes(g[2m]) == 0",
    "deriv(g[2m])",
    "last_over_time(g[1m])",
    "quantile_over_time(0.5, g[1m])",
    "g > 2 or m",
    "g and on (x) m",
    "m unless on (x) g > 1",
    "m / on (x) group_left () sum by (x) (g)",
    "timestamp(g)",
    "timestamp(g + 1)",
    "count(g) + 0 * vector(1)",
    "absent(gone)",
    "-g",
    "max_over_time(sum(rate(m[1m]))[2m:30s])",
    "g @ end()",
    '{__name__=~"m|g"}',
    "time() - g",
)
INTERVAL = 15.0
TARGETS = ("a", "b", "c")


def alone(engine: Engine, query: str, time: float) -> object:
    try:
        return _comparable(engine.instant(query, time))
    except PromqlError as error:
        return str(error)


def together(prepared: Prepared, time: float) -> object:
    try:
        return _comparable(prepared.instant(time))
    except PromqlError as error:
        return str(error)


def _comparable(result: object) -> object:
    """What a result holds, in the order of labels; sums of equal numbers in another order differ in the last digits."""
    samples = getattr(result, "samples", None)
    if samples is None:
        return repr(result)
    return sorted((labels, f"{value:.9g}") for labels, value in samples)


Scrape = dict[str, list[tuple[int, int | None]]]
"""Of each target: what each of its series has, by the number of the series; None: no sample."""

scrapes = st.fixed_dictionaries(
    {
        target: st.lists(
            st.tuples(st.integers(0, 5), st.none() | st.integers(0, 9)), max_size=6, unique_by=lambda s: s[0]
        )
        for target in TARGETS
    }
)


def write(store: TimeSeriesStore, time: float, scrape: Scrape, totals: dict[int, float]) -> None:
    for offset, (target, found) in enumerate(sorted(scrape.items())):
        ids, values = [], []
        for number, value in found:
            if value is not None:
                metric, x = ("m", "g")[number % 2], str(number % 3)
                one = store.series(metric, {"x": x, "code": str(number), "instance": target})
                totals[one] = value if metric == "g" or value == 9 else totals.get(one, 0.0) + value
                ids.append(one)
                values.append(totals[one])
        store.append(time + offset / 10, ids, np.array(values), target)


@given(st.lists(scrapes, min_size=1, max_size=14))
def test_together_gives_what_alone_gives(given_scrapes: list[Scrape]) -> None:
    store = TimeSeriesStore()
    engine = Engine(store)
    prepared = engine.prepare(QUERIES, apart=())
    totals: dict[int, float] = {}
    for number, scrape in enumerate(given_scrapes):
        now = number * INTERVAL
        write(store, now, scrape, totals)
        for query, one in zip(QUERIES, prepared, strict=True):
            assert together(one, now + 0.5) == alone(Engine(copy.deepcopy(store)), query, now + 0.5), query


def test_what_is_recorded_in_between_is_seen_at_once() -> None:
    store = TimeSeriesStore()
    first = store.series("m", {"x": "1"})
    store.append(0.0, [first], np.array([1.0]), "scraped")
    doubled, plus = Engine(store).prepare(["2 * m", "recorded + 1"], apart={"recorded"})
    assert together(plus, 0.0) == []
    assert together(doubled, 0.0) == [((("x", "1"),), "2")]
    store.append(0.0, [store.series("recorded", {"x": "1"})], np.array([2.0]), "rules")
    assert together(plus, 0.0) == [((("x", "1"),), "3")]


@pytest.mark.parametrize("other", [copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_prepared_queries_can_be_copied_with_their_store(other: object) -> None:
    store = TimeSeriesStore()
    one = store.series("m", {})
    store.append(0.0, [one], np.array([1.0]))
    (prepared,) = Engine(store).prepare(["m"], apart=())
    assert together(prepared, 0.0) == [((("__name__", "m"),), "1")]
    kept, copied = other((store, prepared))  # type: ignore[operator]
    kept.append(15.0, [one], np.array([2.0]))
    assert together(copied, 15.0) == [((("__name__", "m"),), "2")]
    assert together(prepared, 15.0) == [((("__name__", "m"),), "1")]
