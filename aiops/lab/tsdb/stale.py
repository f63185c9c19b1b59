"""The number that says that there is no sample: Prometheus' staleness marker, one NaN among many."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from aiops.core.telemetry import FloatArray

_BITS = np.int64(0x7FF0000000000002)

STALE = float(np.array(_BITS).view(np.float64))
"""Any other NaN is the value of a sample. Copies keep the bits; arithmetic does not."""


def is_sample(values: FloatArray) -> npt.NDArray[np.bool_]:
    """Where an array holds samples, in its shape."""
    found: npt.NDArray[np.bool_] = values.view(np.int64) != _BITS
    return found
