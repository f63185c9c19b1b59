"""How unevenly keys are asked for: Zipf's law, in classes of about equally popular keys."""

from __future__ import annotations

import numpy as np

from aiops.core.telemetry import FloatArray

CLASSES = 16


def zipf_classes(keys: int, skew: float) -> tuple[FloatArray, FloatArray]:
    """(keys in each class, share of the requests that ask for each class), each (`CLASSES`,), for `keys` keys whose
    popularity falls with the rank to the power of `skew`. The classes' bounds grow by a factor; empty ones are 0."""
    bounds = np.unique(np.round(np.geomspace(1.0, keys + 1.0, CLASSES + 1)))
    sizes, masses = np.zeros(CLASSES), np.zeros(CLASSES)
    lower, upper = bounds[:-1], bounds[1:]
    if abs(skew - 1.0) < 1e-6:
        mass = np.log(upper / lower)
    else:
        mass = (upper ** (1.0 - skew) - lower ** (1.0 - skew)) / (1.0 - skew)
    sizes[: len(lower)] = upper - lower
    masses[: len(lower)] = mass / mass.sum()
    return sizes, masses
