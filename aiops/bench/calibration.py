"""Whether an agent that is 80 % sure is right in 80 of 100 cases."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from pydantic import JsonValue

BINS = 10


def calibration(sure: Sequence[float], right: Sequence[bool]) -> dict[str, JsonValue]:
    """`claims`, their number; `brier`, the mean squared difference between confidence and outcome (Brier 1950); `ece`,
    the expected calibration error over ten equal bins (Guo et al. 2017), 0 best. None without claims."""
    if not sure:
        return {"claims": 0, "brier": None, "ece": None}
    confidence, outcome = np.asarray(sure, dtype=float), np.asarray(right, dtype=float)
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = [
        float(abs(confidence[bins == number].mean() - outcome[bins == number].mean())) * float((bins == number).mean())
        for number in sorted({int(number) for number in bins})
    ]
    return {
        "claims": len(confidence),
        "brier": round(float(((confidence - outcome) ** 2).mean()), 4),
        "ece": round(sum(gaps), 4),
    }
