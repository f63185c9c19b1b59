"""What the results of all reading tools have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from aiops.core.model import Value
from aiops.core.telemetry import Series

T = TypeVar("T")


class Result(Value):
    """`no_data` says what could not be seen and why; None where nothing is missing. Missing is never "fine".

    `left_out` counts the items that the bound of the result cut off.
    """

    no_data: str | None = None
    left_out: int = 0


class TimeSeries(Value):
    """One series as lists, for JSON: unix seconds, and values without NaN or infinity."""

    labels: dict[str, str]
    times: tuple[float, ...]
    values: tuple[float, ...]

    @classmethod
    def of(cls, series: Series) -> TimeSeries:
        """The same as lists; what is not finite is left out."""
        keep = np.isfinite(series.values)
        times, values = series.times[keep], series.values[keep]
        return cls(labels=series.labels, times=tuple(times.tolist()), values=tuple(values.tolist()))

    def array(self) -> Series:
        """The same as arrays of shape (n,)."""
        return Series(self.labels, np.array(self.times, dtype=np.float64), np.array(self.values, dtype=np.float64))


def bounded(items: Sequence[T], limit: int) -> tuple[tuple[T, ...], int]:
    """The first `limit` items, and how many were left out."""
    kept = tuple(items[: max(limit, 0)])
    return kept, len(items) - len(kept)


def missing(*reasons: str | None) -> str | None:
    """The reasons that there are, as one text; None where there is none."""
    said = [reason for reason in reasons if reason]
    return "; ".join(said) if said else None
