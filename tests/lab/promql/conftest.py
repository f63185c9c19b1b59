"""Small stores for queries."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pytest

from aiops.lab.promql import Engine
from aiops.lab.tsdb import TimeSeriesStore

Samples = Mapping[str, Sequence[float | None]]
"""`name{label=value,...}` -> one value a scrape; None: no sample."""


def series_of(text: str) -> tuple[str, dict[str, str]]:
    name, _, rest = text.rstrip("}").partition("{")
    return name, dict(pair.split("=", 1) for pair in rest.split(",") if pair)


def filled(samples: Samples, interval: float = 15.0) -> TimeSeriesStore:
    """A store with a scrape every `interval` seconds from 0 on."""
    store = TimeSeriesStore()
    ids = [store.series(*series_of(text)) for text in samples]
    for row in range(max((len(values) for values in samples.values()), default=0)):
        columns = zip(ids, samples.values(), strict=True)
        here = [(own, values[row]) for own, values in columns if row < len(values) and values[row] is not None]
        store.append(interval * row, [own for own, _ in here], np.array([v for _, v in here], dtype=np.float64))
    return store


@pytest.fixture
def engine_of() -> Callable[..., Engine]:
    return lambda samples, interval=15.0: Engine(filled(samples, interval))
