"""Expressions with figures worked out by hand."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.lab.promql import (
    Engine,
    InstantVector,
    Matrix,
    ParseError,
    PromqlError,
    QueryTimeoutError,
    ScalarResult,
    StringResult,
    parse_duration,
)
from aiops.lab.promql.formatting import format_sample
from aiops.lab.promql.over_time import CACHED
from tests.lab.promql.conftest import filled

NOW = 600.0
ROWS = 41


def constant(value: float) -> list[float]:
    return [value] * ROWS


@pytest.fixture(scope="module")
def engine() -> Engine:
    rising = [10.0 * row for row in range(ROWS)]
    return Engine(
        filled(
            {
                "requests{service=a,pod=a1,code=200}": rising,
                "requests{service=a,pod=a1,code=500}": [row * 1.0 for row in range(ROWS)],
                "requests{service=a,pod=a2,code=200}": [2 * value for value in rising],
                "requests{service=b,pod=b1,code=200}": constant(7),
                "info{pod=a1,node=n1}": constant(1),
                "info{pod=a2,node=n2}": constant(1),
                "info{pod=b1,node=n1}": constant(1),
                "gauge{i=1}": constant(1),
                "gauge{i=2}": constant(2),
                "gauge{i=3}": constant(4),
                "other{i=2}": constant(10),
                "other{i=3}": constant(0),
                "negative": constant(-2.5),
                "moment": constant(1_709_210_096),  # 2024-02-29 12:34:56 UTC, a Thursday
                "latency_bucket{le=0.1}": constant(10),
                "latency_bucket{le=0.5}": constant(30),
                "latency_bucket{le=1}": constant(40),
                "latency_bucket{le=+Inf}": constant(50),
                "sparse": [1.0, None, None, 4.0],
            }
        )
    )


def at(engine: Engine, query: str, moment: float = NOW) -> dict[str, float]:
    """Labels in short form -> value."""
    result = engine.instant(query, moment)
    assert isinstance(result, InstantVector)
    return {",".join(f"{name}={value}" for name, value in labels): value for labels, value in result.samples}


CASES: list[tuple[str, dict[str, float]]] = [
    ('requests{service="a",code="500"}', {"__name__=requests,code=500,pod=a1,service=a": 40}),
    ('requests{code=~"5..",service!~"b|c"}', {"__name__=requests,code=500,pod=a1,service=a": 40}),
    ('{__name__="gauge",i="1"}', {"__name__=gauge,i=1": 1}),
    ('requests{code="500"} offset 5m', {"__name__=requests,code=500,pod=a1,service=a": 20}),
    ('requests{code="500"} @ 150', {"__name__=requests,code=500,pod=a1,service=a": 10}),
    ('requests{code="500"} @ end() offset 1m', {"__name__=requests,code=500,pod=a1,service=a": 36}),
    ("sum by (service) (requests)", {"service=a": 1240, "service=b": 7}),
    ("sum without (pod, code) (requests)", {"service=a": 1240, "service=b": 7}),
    ("sum(gauge)", {"": 7}),
    ("avg(gauge)", {"": 7 / 3}),
    ("min(gauge)", {"": 1}),
    ("max(gauge)", {"": 4}),
    ("count(gauge)", {"": 3}),
    ("group by (nothing) (gauge)", {"": 1}),
    ("stdvar(gauge)", {"": 14 / 9}),
    ("stddev(gauge)", {"": math.sqrt(14) / 3}),
    ("quantile(0.5, gauge)", {"": 2}),
    ("quantile(0.25, gauge)", {"": 1.5}),
    ("quantile(2, gauge)", {"": math.inf}),
    ("topk(2, gauge)", {"__name__=gauge,i=3": 4, "__name__=gauge,i=2": 2}),
    ("bottomk(1, gauge)", {"__name__=gauge,i=1": 1}),
    ("topk(0, gauge)", {}),
    ('count_values("v", gauge)', {"v=1": 1, "v=2": 1, "v=4": 1}),
    ('count_values by (service) ("v", requests{code="200",service="b"})', {"service=b,v=7": 1}),
    ("gauge + 1", {"i=1": 2, "i=2": 3, "i=3": 5}),
    ("2 ^ gauge", {"i=1": 2, "i=2": 4, "i=3": 16}),
    ("7 % gauge", {"i=1": 0, "i=2": 1, "i=3": 3}),
    ("-gauge", {"i=1": -1, "i=2": -2, "i=3": -4}),
    ("gauge > 1", {"__name__=gauge,i=2": 2, "__name__=gauge,i=3": 4}),
    ("1 < gauge", {"__name__=gauge,i=2": 2, "__name__=gauge,i=3": 4}),
    ("gauge > bool 1", {"i=1": 0, "i=2": 1, "i=3": 1}),
    ("gauge * on(i) other", {"i=2": 20, "i=3": 0}),
    ("gauge / other", {"i=2": 0.2, "i=3": math.inf}),
    ("gauge < other", {"__name__=gauge,i=2": 2}),
    ("gauge < bool other", {"i=2": 1, "i=3": 0}),
    ("gauge and other", {"__name__=gauge,i=2": 2, "__name__=gauge,i=3": 4}),
    ("gauge unless other", {"__name__=gauge,i=1": 1}),
    ("other or gauge", {"__name__=other,i=2": 10, "__name__=other,i=3": 0, "__name__=gauge,i=1": 1}),
    ("gauge and on() vector(1)", {"__name__=gauge,i=1": 1, "__name__=gauge,i=2": 2, "__name__=gauge,i=3": 4}),
    (
        'requests{code="200"} * on(pod) group_left(node) info',
        {
            "code=200,node=n1,pod=a1,service=a": 400,
            "code=200,node=n2,pod=a2,service=a": 800,
            "code=200,node=n1,pod=b1,service=b": 7,
        },
    ),
    (
        'info{pod="a1"} * on(pod) group_right requests{pod="a1"}',
        {"code=200,pod=a1,service=a": 400, "code=500,pod=a1,service=a": 40},
    ),
    (
        'requests{code="500"} / ignoring(code) requests{code="200"}',
        {"pod=a1,service=a": 0.1},
    ),
    ("rate(gauge[1m])", {"i=1": 0, "i=2": 0, "i=3": 0}),
    ('rate(requests{code="500"}[1m])', {"code=500,pod=a1,service=a": 1 / 15}),
    ('increase(requests{code="500"}[50s])', {"code=500,pod=a1,service=a": 50 / 15}),
    ("max_over_time(sum(rate(requests[1m]))[5m:1m])", {"": (10 + 1 + 20) / 15}),
    ("sum_over_time(vector(1)[5m:1m])", {"": 6}),
    ('last_over_time(gauge{i="1"}[1m])', {"__name__=gauge,i=1": 1}),
    ("histogram_quantile(0.5, latency_bucket)", {"": 0.4}),
    ("histogram_quantile(0.1, latency_bucket)", {"": 0.05}),
    ("histogram_quantile(0.9, latency_bucket)", {"": 1}),
    ("histogram_quantile(-1, latency_bucket)", {"": -math.inf}),
    ("histogram_quantile(2, latency_bucket)", {"": math.inf}),
    ('histogram_quantile(0.5, latency_bucket{le!="+Inf"})', {"": math.nan}),
    ("histogram_quantile(0.5, gauge)", {}),
    ("absent(gauge)", {}),
    ('absent(gauge{i="9",j=~"x"})', {"i=9": 1}),
    ('absent_over_time(gauge{i="9"}[5m])', {"i=9": 1}),
    ("absent(sum(nothing))", {"": 1}),
    ("abs(negative)", {"": 2.5}),
    ("ceil(negative)", {"": -2}),
    ("floor(negative)", {"": -3}),
    ("round(negative)", {"": -2}),
    ("round(negative, 5)", {"": 0}),
    ("sgn(negative)", {"": -1}),
    ("sqrt(gauge)", {"i=1": 1, "i=2": math.sqrt(2), "i=3": 2}),
    ("exp(ln(gauge))", {"i=1": 1, "i=2": 2, "i=3": 4}),
    ("log2(gauge)", {"i=1": 0, "i=2": 1, "i=3": 2}),
    ("log10(gauge * 100)", {"i=1": 2, "i=2": math.log10(200), "i=3": math.log10(400)}),
    ("clamp(gauge, 2, 3)", {"i=1": 2, "i=2": 2, "i=3": 3}),
    ("clamp(gauge, 3, 2)", {}),
    ("clamp_min(gauge, 3)", {"i=1": 3, "i=2": 3, "i=3": 4}),
    ("clamp_max(gauge, 3)", {"i=1": 1, "i=2": 2, "i=3": 3}),
    ("vector(scalar(negative))", {"": -2.5}),
    ("vector(scalar(gauge))", {"": math.nan}),
    ("vector(time())", {"": 600}),
    ("timestamp(gauge offset 7s)", {"i=1": 585, "i=2": 585, "i=3": 585}),
    ("timestamp(-gauge)", {"i=1": 600, "i=2": 600, "i=3": 600}),
    ("sort(gauge)", {"__name__=gauge,i=1": 1, "__name__=gauge,i=2": 2, "__name__=gauge,i=3": 4}),
    ('label_replace(negative, "x", "$1-${1}", "__name__", "(neg).*")', {"__name__=negative,x=neg-neg": -2.5}),
    ('label_replace(gauge{i="1"}, "i", "", "i", ".*")', {"__name__=gauge": 1}),
    ('label_replace(gauge{i="1"}, "j", "x", "i", "7")', {"__name__=gauge,i=1": 1}),
    ('label_join(info{pod="a1"}, "x", "/", "node", "pod")', {"__name__=info,node=n1,pod=a1,x=n1/a1": 1}),
    ("year(moment)", {"": 2024}),
    ("month(moment)", {"": 2}),
    ("day_of_month(moment)", {"": 29}),
    ("day_of_week(moment)", {"": 4}),
    ("day_of_year(moment)", {"": 60}),
    ("days_in_month(moment)", {"": 29}),
    ("hour(moment)", {"": 12}),
    ("minute(moment)", {"": 34}),
    ("hour()", {"": 0}),
    ("count_over_time(sparse[10m])", {"": 2}),
    ("sparse", {}),
    ("nothing", {}),
    ("sum(nothing)", {}),
    ("nothing / gauge", {}),
    ("(gauge - 1) / (gauge - 1)", {"i=1": math.nan, "i=2": 1, "i=3": 1}),
]


@pytest.mark.parametrize(("query", "expected"), CASES, ids=[query for query, _ in CASES])
def test_instant_queries(engine: Engine, query: str, expected: dict[str, float]) -> None:
    assert at(engine, query) == pytest.approx(expected, rel=1e-12, nan_ok=True)


def test_order_of_sorted_results(engine: Engine) -> None:
    assert list(at(engine, "sort_desc(gauge)").values()) == [4, 2, 1]
    assert list(at(engine, "topk(3, gauge)").values()) == [4, 2, 1]
    assert list(at(engine, "bottomk(3, gauge)").values()) == [1, 2, 4]


def test_scalars_and_strings(engine: Engine) -> None:
    assert engine.instant("1 + 2 * 3", NOW) == ScalarResult(NOW, 7.0)
    assert engine.instant("2 > bool 1", NOW) == ScalarResult(NOW, 1.0)
    assert engine.instant('"text"', NOW) == StringResult(NOW, "text")


def test_a_range_selector_gives_raw_samples(engine: Engine) -> None:
    result = engine.instant('requests{code="500"}[30s]', NOW)
    assert isinstance(result, Matrix)
    assert result.series[0].times.tolist() == [570, 585, 600]
    assert result.series[0].values.tolist() == [38, 39, 40]


def test_a_range_query_over_a_scalar(engine: Engine) -> None:
    (series,) = engine.range("time() / 2", 0, 60, 30).series
    assert series.labels == {}
    assert series.values.tolist() == [0, 15, 30]


def test_start_and_end_are_those_of_the_whole_query(engine: Engine) -> None:
    (series,) = engine.range('requests{code="500"} - ignoring() (requests{code="500"} @ start())', 300, 600, 150).series
    assert series.values.tolist() == [0, 10, 20]
    (inner,) = engine.range('max_over_time((requests{code="500"} @ end())[1m:15s])', 300, 600, 300).series
    assert inner.values.tolist() == [40, 40]


def test_series_that_take_turns_are_joined() -> None:
    """A new pod of the same service continues its series once the pod's label is gone."""
    engine = Engine(filled({"m{s=a,pod=1}": [1.0, 2.0, None, None], "m{s=a,pod=2}": [None, None, 3.0, 4.0]}))
    (series,) = engine.range('label_replace(m, "pod", "", "", "")', 0, 45, 15).series
    assert series.values.tolist() == [1, 2, 3, 4]
    (joined,) = engine.range("m * on(s) m", 0, 45, 15).series
    assert joined.values.tolist() == [1, 4, 9, 16]


def test_buckets_that_come_later() -> None:
    engine = Engine(filled({"h{le=1}": [10.0, 10.0], "h{le=2}": [None, 20.0], "h{le=+Inf}": [20.0, 20.0]}))
    (series,) = engine.range("histogram_quantile(0.75, h)", 0, 15, 15).series
    assert series.values.tolist() == [1.0, 1.5]


REFUSED: list[tuple[str, type[Exception], str]] = [
    ("sum(", ParseError, "unclosed"),
    ("", ParseError, "no expression"),
    ("rate(gauge)", ParseError, "expected type matrix"),
    ("nonsense(gauge)", ParseError, "nonsense"),
    ("(" * 200 + "1" + ")" * 200, ParseError, "nested"),
    ("1" + "0" * 9000, ParseError, "longer"),
    ("mad_over_time(gauge[5m])", ParseError, 'unknown function with name "mad_over_time"'),
    ("limitk(1, gauge)", ParseError, 'unknown function with name "limitk"'),
    ('gauge{i="1" or i="2"}', ParseError, 'unexpected identifier "or"'),
    ("gauge + fill(0) other", ParseError, "fill"),
    ("requests + on(service) requests", PromqlError, "duplicate series"),
    ("requests + on(pod) info", PromqlError, "many-to-one matching must be explicit"),
    ('label_replace(gauge, "i", "same", "i", ".*")', PromqlError, "same labelset"),
    ('label_replace(gauge, "0bad", "x", "i", ".*")', PromqlError, "0bad"),
    ('rate({__name__=~"gauge|other"}[1m])', PromqlError, "same labelset"),
    ("max_over_time(gauge[100y:1ms])", PromqlError, "too many samples"),
    ("max_over_time(gauge[5h:1ms])", PromqlError, "too many samples"),
    ("max_over_time(timestamp(gauge)[5h:1ms])", PromqlError, "too many samples"),
]


@pytest.mark.parametrize(("query", "error", "message"), REFUSED, ids=[query[:40] for query, _, _ in REFUSED])
def test_refused_queries(engine: Engine, query: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        engine.instant(query, NOW)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 600, 0), "zero or negative"),
        ((600, 0, 15), "before start"),
        ((0, 1e6, 1), "11,000"),
    ],
)
def test_refused_ranges(engine: Engine, arguments: Any, message: str) -> None:
    with pytest.raises(ParseError, match=message):
        engine.range("gauge", *arguments)


def test_a_range_query_needs_a_vector(engine: Engine) -> None:
    with pytest.raises(ParseError, match="range vector"):
        engine.range("gauge[5m]", 0, 60, 15)
    with pytest.raises(ParseError, match="string"):
        engine.range('"text"', 0, 60, 15)


@pytest.mark.parametrize(
    ("text", "seconds"), [("1h30m", 5400), ("15s", 15), ("500ms", 0.5), ("1w1d", 691_200), ("0s", 0), ("2.5", 2.5)]
)
def test_durations(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "s", "1m1h", "5 m", "1x", "-1m"])
def test_texts_that_are_no_duration(text: str) -> None:
    with pytest.raises(ParseError, match="duration"):
        parse_duration(text)


@given(st.floats(allow_nan=False))
def test_samples_are_written_as_go_writes_them(value: float) -> None:
    text = format_sample(value)
    assert float(text) == value
    small = value == 0 or 1e-6 <= abs(value) < 1e21
    assert ("e" in text) == (math.isfinite(value) and not small)
    assert not text.endswith(".0")


def test_many_series_at_many_steps_are_folded_in_pieces() -> None:
    columns = {f"m{{i={i}}}": [float((i * row) % 7) for row in range(12)] for i in range(500)}
    engine = Engine(filled(columns))
    series = engine.range("avg_over_time(m[1m])", 0, 165, 2).series
    assert len(series) * len(series[0].times) > CACHED
    for one in series[::50]:
        (alone,) = engine.range(f'avg_over_time(m{{i="{one.labels["i"]}"}}[1m])', 0, 165, 2).series
        assert alone.values.tolist() == one.values.tolist()


@given(
    st.lists(st.sampled_from([0.1, -0.0, 3.3e-310, 1e308, math.inf, math.nan]), min_size=1, max_size=3),
    st.integers(1, 9),
)
def test_a_window_in_which_nothing_moves_is_like_any_other(values: list[float], rows: int) -> None:
    still = {f"m{{i={i}}}": [value] * rows for i, value in enumerate(values)}
    moving = {f"m{{i={len(values)}}}": [float(row) for row in range(rows + 1)]}
    for query in ("avg_over_time(m[5m])", "changes(m[5m])"):
        beside = Engine(filled({**still, **moving})).instant(query, 15.0 * rows)
        alone = Engine(filled(still)).instant(query, 15.0 * rows)
        assert isinstance(beside, InstantVector)
        assert isinstance(alone, InstantVector)
        expected = [(labels, repr(value)) for labels, value in beside.samples[:-1]]
        assert [(labels, repr(value)) for labels, value in alone.samples] == expected


def test_windows_of_too_many_samples_time_out() -> None:
    columns = {f"m{{i={i}}}": [float(row) for row in range(400)] for i in range(200)}
    engine = Engine(filled(columns))
    for function in ("avg_over_time(m[1h])", "quantile_over_time(0.5, m[1h])", "avg_over_time(m[1h:15s])"):
        with pytest.raises(QueryTimeoutError, match="timed out"):
            engine.range(function, 0, 6000, 1)
        assert len(engine.range(function, 3600, 6000, 600).series) == 200
    assert len(engine.range("rate(m[1h])", 3000, 6000, 1).series) == 200
