"""Samples of one scrape: series ids and values side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.traffic.graph import IntArray


@dataclass(frozen=True, slots=True)
class Samples:
    """Series ids and their values, both (n,)."""

    ids: IntArray
    values: FloatArray


Metric = tuple[str, Mapping[str, str], float]
"""(name, labels, value)."""


def join(parts: Iterable[Samples]) -> Samples:
    """All samples of several exporters as one."""
    kept = list(parts)
    if not kept:
        return Samples(np.zeros(0, dtype=np.int64), np.zeros(0))
    return Samples(np.concatenate([p.ids for p in kept]), np.concatenate([p.values for p in kept]))
