"""Parts of a date: `values` are unix seconds, UTC."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from aiops.core.telemetry import FloatArray
from aiops.lab.promql.values import IntArray

Moments = npt.NDArray[np.datetime64]


def _part(compute: Callable[[Moments], IntArray]) -> Callable[[FloatArray], FloatArray]:
    """Numbers that are no date stay NaN."""

    def apply(values: FloatArray) -> FloatArray:
        usable = np.isfinite(values)
        seconds = np.where(usable, np.trunc(values), 0).astype("datetime64[s]")
        return np.where(usable, compute(seconds).astype(np.float64), np.nan)

    return apply


def _since(moments: Moments, larger: str, smaller: str) -> IntArray:
    """Whole `smaller` units since the start of the `larger` one."""
    start = moments.astype(f"datetime64[{larger}]").astype(f"datetime64[{smaller}]")
    units: IntArray = (moments.astype(f"datetime64[{smaller}]") - start).astype(np.int64)
    return units


def _days_in_month(moments: Moments) -> IntArray:
    month = moments.astype("datetime64[M]")
    days: IntArray = ((month + 1).astype("datetime64[D]") - month.astype("datetime64[D]")).astype(np.int64)
    return days


CALENDAR: dict[str, Callable[[FloatArray], FloatArray]] = {
    "day_of_month": _part(lambda moments: _since(moments, "M", "D") + 1),
    "day_of_week": _part(lambda moments: (moments.astype("datetime64[D]").astype(np.int64) + 4) % 7),
    "day_of_year": _part(lambda moments: _since(moments, "Y", "D") + 1),
    "days_in_month": _part(_days_in_month),
    "hour": _part(lambda moments: _since(moments, "D", "h")),
    "minute": _part(lambda moments: _since(moments, "h", "m")),
    "month": _part(lambda moments: _since(moments, "Y", "M") + 1),
    "year": _part(lambda moments: moments.astype("datetime64[Y]").astype(np.int64) + 1970),
}
