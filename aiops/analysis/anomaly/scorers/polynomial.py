"""How badly a low polynomial fits a window (POLY of TSB-AD, Liu and Paparrizos, NeurIPS 2024)."""

from __future__ import annotations

import numpy as np

from aiops.analysis.anomaly.windows import shapes, standardised, to_samples
from aiops.core.telemetry import FloatArray

DEGREE = 2


def polynomial(values: FloatArray, width: int) -> FloatArray:
    """Scores of samples by the mean squared residual of the windows that hold them."""
    windows = shapes(standardised(values), width)
    basis = np.vander(np.linspace(-1.0, 1.0, windows.shape[1]), DEGREE + 1)
    residual = windows - windows @ (basis @ np.linalg.pinv(basis)).T
    return to_samples((residual**2).mean(axis=1), len(values), width)
