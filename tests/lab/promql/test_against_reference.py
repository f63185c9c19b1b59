"""Every step of a range query against a plain sample-by-sample computation, over random series with gaps and resets."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiops.lab.promql import Engine
from tests.lab.promql import reference
from tests.lab.promql.conftest import filled
from tests.lab.promql.reference import Point

INTERVAL = 15.0
COLUMN = st.lists(st.one_of(st.none(), st.integers(0, 50).map(float)), min_size=1, max_size=40)
TABLE = st.lists(COLUMN, min_size=1, max_size=3)
WINDOWS = st.sampled_from([20, 30, 45, 60, 61, 90, 300])
STEPS = st.sampled_from([7.0, 15.0, 40.0])


def check(query: str, columns: list[list[float | None]], step: float, expected: object) -> None:
    """`expected(points, moment)` gives the value of one series at a moment, None where there is none."""
    engine = Engine(filled({f"m{{i={i}}}": column for i, column in enumerate(columns)}, INTERVAL))
    found = {series.labels["i"]: series for series in engine.range(query, 0, 700, step).series}
    for i, column in enumerate(columns):
        points = [(INTERVAL * row, value) for row, value in enumerate(column) if value is not None]
        moments = [k * step for k in range(int(700 // step) + 1)]
        wanted = {moment: expected(points, moment) for moment in moments}  # type: ignore[operator]
        wanted = {moment: value for moment, value in wanted.items() if value is not None}
        series = found.get(str(i))
        got = dict(zip(series.times.tolist(), series.values.tolist(), strict=True)) if series else {}
        assert got.keys() == wanted.keys()
        for moment, value in wanted.items():
            assert got[moment] == pytest.approx(value, rel=1e-9, abs=1e-9), (moment, column)


@pytest.mark.parametrize(
    ("name", "counter", "per_second"), [("rate", True, True), ("increase", True, False), ("delta", False, False)]
)
@settings(max_examples=60, deadline=None)
@given(TABLE, WINDOWS, STEPS)
def test_extrapolation(
    name: str, counter: bool, per_second: bool, columns: list[list[float | None]], window: int, step: float
) -> None:
    def expected(points: list[Point], moment: float) -> float | None:
        return reference.extrapolated(points, moment - window, moment, counter=counter, per_second=per_second)

    check(f"{name}(m[{window}s])", columns, step, expected)


@pytest.mark.parametrize(("name", "counter"), [("irate", True), ("idelta", False)])
@settings(max_examples=40, deadline=None)
@given(TABLE, WINDOWS, STEPS)
def test_last_two(name: str, counter: bool, columns: list[list[float | None]], window: int, step: float) -> None:
    def expected(points: list[Point], moment: float) -> float | None:
        return reference.last_two(points, moment - window, moment, counter=counter)

    check(f"{name}(m[{window}s])", columns, step, expected)


@pytest.mark.parametrize("name", ["avg", "min", "max", "sum", "count", "present", "stdvar", "stddev", "last"])
@settings(max_examples=25, deadline=None)
@given(TABLE, WINDOWS, STEPS)
def test_over_time(name: str, columns: list[list[float | None]], window: int, step: float) -> None:
    def expected(points: list[Point], moment: float) -> float | None:
        inside = reference.in_window(points, moment - window, moment)
        return reference.over_time(name, [value for _, value in inside]) if inside else None

    check(f"{name}_over_time(m[{window}s])", columns, step, expected)


@pytest.mark.parametrize("name", ["changes", "resets"])
@settings(max_examples=25, deadline=None)
@given(TABLE, WINDOWS, STEPS)
def test_counts_of_events(name: str, columns: list[list[float | None]], window: int, step: float) -> None:
    def expected(points: list[Point], moment: float) -> float | None:
        inside = reference.in_window(points, moment - window, moment)
        return reference.over_time(name, [value for _, value in inside]) if inside else None

    check(f"{name}(m[{window}s])", columns, step, expected)


@settings(max_examples=25, deadline=None)
@given(TABLE, WINDOWS, STEPS, st.sampled_from([-0.5, 0.0, 0.3, 0.5, 0.99, 1.0, 1.5]))
def test_quantile_over_time(columns: list[list[float | None]], window: int, step: float, q: float) -> None:
    def expected(points: list[Point], moment: float) -> float | None:
        inside = reference.in_window(points, moment - window, moment)
        return reference.quantile(q, [value for _, value in inside]) if inside else None

    check(f"quantile_over_time({q}, m[{window}s])", columns, step, expected)


@settings(max_examples=25, deadline=None)
@given(TABLE, WINDOWS, STEPS)
def test_regression(columns: list[list[float | None]], window: int, step: float) -> None:
    def slope(points: list[Point], moment: float) -> float | None:
        inside = reference.in_window(points, moment - window, moment)
        return reference.slope_and_level(inside, moment)[0] if len(inside) > 1 else None

    def ahead(points: list[Point], moment: float) -> float | None:
        inside = reference.in_window(points, moment - window, moment)
        if len(inside) < 2:
            return None
        rise, level = reference.slope_and_level(inside, moment)
        return level + 600 * rise

    check(f"deriv(m[{window}s])", columns, step, slope)
    check(f"predict_linear(m[{window}s], 600)", columns, step, ahead)


@settings(max_examples=40, deadline=None)
@given(TABLE, STEPS, st.sampled_from([0, 20, -30]))
def test_instant_selector(columns: list[list[float | None]], step: float, offset: int) -> None:
    """The newest scrape within five minutes decides; a series that it did not deliver is gone."""
    scrapes = max(len(column) for column in columns)

    def expected(column: list[float | None]) -> object:
        def value(_: list[Point], moment: float) -> float | None:
            row = min(int((moment - offset) // INTERVAL), scrapes - 1)
            if row < 0 or row * INTERVAL < moment - offset - 300:
                return None
            return column[row] if row < len(column) else None

        return value

    shift = f" offset {offset}s" if offset else ""
    for i, column in enumerate(columns):
        engine = Engine(filled({f"m{{i={k}}}": own for k, own in enumerate(columns)}, INTERVAL))
        series = engine.range(f'm{{i="{i}"}}{shift}', 0, 700, step).series
        got = dict(zip(series[0].times.tolist(), series[0].values.tolist(), strict=True)) if series else {}
        moments = [k * step for k in range(int(700 // step) + 1)]
        wanted = {moment: expected(column)([], moment) for moment in moments}  # type: ignore[operator]
        assert got == {moment: value for moment, value in wanted.items() if value is not None}


@settings(max_examples=40, deadline=None)
@given(TABLE, st.sampled_from(["m", "rate(m[1m])", "sum(m)", "topk(1, m)", "m > 20", "absent(m)", "m + on(i) m"]))
def test_a_range_query_is_many_instant_queries(columns: list[list[float | None]], query: str) -> None:
    engine = Engine(filled({f"m{{i={i}}}": column for i, column in enumerate(columns)}, INTERVAL))
    ranged: dict[tuple[float, tuple[tuple[str, str], ...]], float] = {}
    for series in engine.range(query, 0, 600, 40).series:
        for moment, value in zip(series.times.tolist(), series.values.tolist(), strict=True):
            ranged[moment, tuple(sorted(series.labels.items()))] = value
    single: dict[tuple[float, tuple[tuple[str, str], ...]], float] = {}
    for moment in range(0, 601, 40):
        for labels, value in engine.instant(query, moment).samples:  # type: ignore[union-attr]
            single[float(moment), labels] = value
    assert ranged == single
