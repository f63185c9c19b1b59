"""Series, as far as they can tell something of themselves."""

from __future__ import annotations

import numpy as np

from aiops.core.evidence import Window
from aiops.core.telemetry import Series


def test_the_values_in_a_window_are_those_at_its_ends_too() -> None:
    times = np.arange(0.0, 100.0, 10.0)
    series = Series({"__name__": "up"}, times, times / 10)
    assert series.name == "up"
    assert series.within(Window(start=20, end=40)).tolist() == [2, 3, 4]
    assert series.within(Window(start=41, end=49)).tolist() == []
