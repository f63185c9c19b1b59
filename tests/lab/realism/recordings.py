"""Readers of the public recordings: PetShop (one table of columns for each run) and the Numenta Anomaly Benchmark."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from aiops.core.telemetry import FloatArray

Columns = dict[tuple[str, str], FloatArray]
"""Samples (n,) by (service, measure)."""

MEASURES = {
    ("requests", "Sum"): "requests",
    ("latency", "Average"): "latency",
    ("latency", "p99"): "p99",
    ("availability", "Average"): "availability",
}
_CLOUD_METRICS = "realAWSCloudwatch"


@dataclass(frozen=True, slots=True)
class Trouble:
    """What was seen before something was broken, and from then on."""

    normal: Columns
    faulty: Columns


def petshop_normal(folder: Path) -> Columns:
    """The run of one traffic profile in which nothing was broken, at five minutes."""
    return _table(folder / "noissue" / "metrics.csv")[1]


def petshop_troubles(folder: Path) -> Iterator[Trouble]:
    """Every issue of one traffic profile, against the run without any."""
    normal = petshop_normal(folder)
    for path in sorted(folder.glob("t*/issue_*/metrics.csv")):
        felt_at = json.loads((path.parent / "target.json").read_text())["target"]["timestamp"]
        times, columns = _table(path)
        since = times >= felt_at
        faulty = {key: values[since] for key, values in columns.items() if key in normal}
        yield Trouble(normal, faulty)


def nab_normal(folder: Path) -> dict[str, list[FloatArray]]:
    """The cloud metrics without their labelled windows, by what they measure: `cpu`, `network`, `requests`."""
    windows = json.loads((folder / "labels" / "combined_windows.json").read_text())
    found: dict[str, list[FloatArray]] = {"cpu": [], "network": [], "requests": []}
    for path in sorted((folder / "data" / _CLOUD_METRICS).glob("*.csv")):
        rows = list(csv.reader(path.read_text().splitlines()))[1:]
        values = np.array([float(value) for _, value in rows])
        for start, end in windows[f"{_CLOUD_METRICS}/{path.name}"]:
            inside = [start[:19] <= time <= end[:19] for time, _ in rows]
            values[inside] = np.nan
        for kind, word in (("cpu", "cpu"), ("network", "etwork"), ("requests", "request")):
            if word in path.name:
                found[kind].append(values)
    return found


def _table(path: Path) -> tuple[FloatArray, Columns]:
    """(unix seconds (n,), columns); three lines of header: service, metric, statistic."""
    with path.open(newline="") as file:
        rows = list(csv.reader(file))
    services, metrics, statistics = rows[:3]
    body = [row for row in rows[3:] if row[0] and row[0] != "unix_timestamp"]
    times = np.array([float(row[0]) for row in body])
    columns: Columns = {}
    for place in range(1, len(services)):
        measure = MEASURES.get((metrics[place], statistics[place]))
        if measure is not None:
            columns[services[place], measure] = np.array([float(row[place] or "nan") for row in body])
    return times, columns
