"""What sticks out of the spectrum (spectral residual, Ren et al., "Time-Series Anomaly Detection Service at Microsoft",
KDD 2019), averaged over a window."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from aiops.analysis.anomaly.windows import moving_mean
from aiops.core.telemetry import FloatArray

SPECTRUM_WINDOW = 3


def spectral(values: FloatArray, width: int) -> FloatArray:
    """Scores of samples by their saliency, averaged over windows."""
    transformed = np.fft.fft(values)
    logarithm = np.log(np.abs(transformed) + 1e-8)
    residual = logarithm - np.convolve(logarithm, np.ones(SPECTRUM_WINDOW) / SPECTRUM_WINDOW, "same")
    saliency = np.abs(np.fft.ifft(np.exp(residual + 1j * np.angle(transformed))))
    return moving_mean(sliding_window_view(saliency, width).mean(axis=1), len(values), width)
