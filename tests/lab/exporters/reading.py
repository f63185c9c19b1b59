"""What tests read of a plain cluster's series."""

from __future__ import annotations

from typing import Any

import numpy as np

from aiops.core.telemetry import Series
from aiops.lab.tsdb import Matcher
from aiops.lab.tsdb.store import milliseconds


def _matchers(name: str, labels: dict[str, str]) -> list[Matcher]:
    return [Matcher("__name__", "=", name), *(Matcher(key, "=", value) for key, value in labels.items())]


def select(cluster: Any, name: str, **labels: str) -> list[Series]:
    """Every sample of every matching series."""
    found: list[Series] = cluster.store.select(_matchers(name, labels), 0, 1e12)
    return found


def current(cluster: Any, name: str, **labels: str) -> list[float]:
    """The newest samples of every matching series that is still delivered, as an instant query finds them."""
    frames = cluster.store.newest(_matchers(name, labels), np.array([milliseconds(cluster.now)]), 300_000)
    return [value for frame in frames for value in frame.values[frame.present].tolist()]


def last(cluster: Any, name: str, **labels: str) -> float:
    """Their sum."""
    return float(sum(current(cluster, name, **labels)))
