"""What disturbances do to how often users come."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from aiops.core.disturbance.load import LoadIncrease, LoadInStep
from aiops.core.telemetry import FloatArray
from aiops.lab.disturbances.book import DisturbanceBook


def surge(book: DisturbanceBook, now: float, tenants: Sequence[str], operations: Sequence[str]) -> FloatArray | None:
    """By how much users come more often, (tenants, operations); None where they come as ever."""
    found: FloatArray = np.ones((len(tenants), len(operations)))
    moved = False
    for increase, since in book.since(LoadIncrease):
        rows = [row for row, name in enumerate(tenants) if increase.tenant in ("", name)]
        asked = [
            column for column, name in enumerate(operations) if not increase.operations or name in increase.operations
        ]
        found[np.ix_(rows, asked)] *= _risen(increase, now - since)
        moved = True
    for beat, since in book.since(LoadInStep):
        found *= _beat(beat, now - since)
        moved = True
    return found if moved else None


def _risen(increase: LoadIncrease, elapsed: float) -> float:
    height = min(elapsed / increase.rise_seconds, 1.0) if increase.rise_seconds else 1.0
    return 1.0 + (increase.factor - 1.0) * height


def _beat(beat: LoadInStep, elapsed: float) -> float:
    """As many users as ever over a period; all the more of them at its beginning."""
    length = min(beat.seconds, beat.period_seconds)
    together = min(beat.factor, beat.period_seconds / length)
    if elapsed % beat.period_seconds < length:
        return together
    return (beat.period_seconds - together * length) / (beat.period_seconds - length)
