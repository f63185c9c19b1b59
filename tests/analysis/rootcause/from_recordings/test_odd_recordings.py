"""Whatever is recorded, every entity is ranked once, with a finite score."""

from __future__ import annotations

import warnings

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from aiops.analysis.rootcause.from_recordings.localize import localize
from aiops.analysis.rootcause.from_recordings.recording import Lines, Recording, Samples, Spans

ENTITIES = 4
NAMES = ("cpu", "latency mean", "latency_p99", "availability", "errors", "requests_total", "requests")
moments = st.one_of(st.none(), st.sampled_from([-1e12, 0.0, 150.0, 290.0, 300.0, 1e12]), st.floats(-50, 400))
odd = st.one_of(st.floats(-10, 10), st.sampled_from([0.0, 1.0, 100.0, 1e300, -1e300, np.nan, np.inf]))
entity = st.integers(0, ENTITIES - 1)


@st.composite
def sample_tables(draw: st.DrawFn) -> Samples:
    """Few samples anywhere, or whole series with noise, in which one may jump."""
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    rows = draw(st.lists(st.tuples(st.floats(-20, 320), entity, st.integers(0, len(NAMES) - 1), odd), max_size=12))
    for e, m in draw(st.lists(st.tuples(entity, st.integers(0, len(NAMES) - 1)), max_size=5, unique=True)):
        count = draw(st.integers(1, 40))
        level, jump = draw(odd), draw(odd)
        values = level + 0.1 * rng.standard_normal(count) + np.where(np.arange(count) > 25, jump, 0.0)
        rows += [(10.0 * i, e, m, float(v)) for i, v in enumerate(values)]
    columns = list(zip(*rows, strict=True)) or [(), (), (), ()]
    time, value = np.array(columns[0], dtype=float), np.array(columns[3], dtype=float)
    whole = [np.array(column, dtype=np.int64) for column in columns[1:3]]
    return Samples(time, whole[0], whole[1], value, NAMES, draw(st.sampled_from([{}, {"cpu": "counter"}])))


@st.composite
def span_tables(draw: st.DrawFn) -> Spans:
    count = draw(st.integers(0, 30))
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    return Spans(
        entity=rng.integers(0, ENTITIES, count),
        parent=np.array([rng.integers(-1, i) if i else -1 for i in range(count)], dtype=np.int64),
        operation=rng.integers(0, 3, count),
        start=rng.uniform(-10, 310, count),
        duration=rng.choice([0.0, 0.1, 5.0], count),
        error=rng.random(count) < 0.3,
    )


@st.composite
def line_tables(draw: st.DrawFn) -> Lines:
    rows = draw(st.lists(st.tuples(st.floats(-10, 310), entity, st.text(max_size=12)), max_size=12))
    time = np.array([row[0] for row in rows], dtype=float)
    return Lines(time, np.array([row[1] for row in rows], dtype=np.int64), [row[2] for row in rows])


@settings(max_examples=100, deadline=None)
@given(
    onset=moments,
    baseline_end=moments,
    targets=st.lists(entity, max_size=2, unique=True),
    calls=st.lists(st.tuples(entity, entity), max_size=8),
    samples=st.one_of(st.none(), sample_tables()),
    spans=st.one_of(st.none(), span_tables()),
    lines=st.one_of(st.none(), line_tables()),
)
def test_every_entity_is_ranked_once(
    onset: float | None,
    baseline_end: float | None,
    targets: list[int],
    calls: list[tuple[int, int]],
    samples: Samples | None,
    spans: Spans | None,
    lines: Lines | None,
) -> None:
    recording = Recording(
        "odd",
        tuple(f"e{i}" for i in range(ENTITIES)),
        onset=onset,
        baseline_end=baseline_end,
        targets=tuple(targets),
        calls=tuple(calls),
        samples=samples,
        spans=spans,
        lines=lines,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = localize(recording)
    assert sorted(suspect.entity for suspect in found.suspects) == list(range(ENTITIES))
    scores = [suspect.score for suspect in found.suspects]
    assert np.isfinite(scores).all()
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
