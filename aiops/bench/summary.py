"""Rates over the lines of a run, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
from pydantic import JsonValue

from aiops.bench.calibration import calibration
from aiops.bench.line import Line

RESAMPLES = 1000
SEED = 20260105
INTERVAL = (2.5, 97.5)
"""Percentiles of the bootstrap: Efron & Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13."""


def summary(lines: Sequence[Line]) -> Line:
    """Rates from 0 to 1 over the admitted scenarios; a scenario that ended in an error counts as not solved."""
    counted = [line for line in lines if line["admitted"]]
    faults = [line for line in counted if line["kind"] == "fault"]
    none = [line for line in counted if line["kind"] == "none"]
    rates: dict[str, list[float]] = {
        "detected": _values(faults, "detected"),
        "localized": _values(faults, "localized"),
        "mechanism": _values(faults, "mechanism"),
        "mitigated": _values(faults, "mitigated"),
        "harmed": _values(counted, "harmed"),
        "false_alarms": _values(none, "detected"),
        "changed_without_fault": _values(none, "changed"),
        "needless_changes": [float(bool(_needless(line))) for line in counted],
    }
    return {
        "scenarios": len(counted),
        "faults": len(faults),
        "without_fault": len(none),
        "refused": len(lines) - len(counted),
        "errors": sum(line["error"] is not None for line in counted),
        **{name: _mean(values) for name, values in rates.items()},
        "balanced_accuracy": _balanced(rates["detected"], rates["false_alarms"]),
        "median_seconds": _median([line for line in faults if line.get("mitigated")]),
        "times": {name: _middle(faults, name) for name in ("ttd", "ttl", "tta", "ttm")},
        "calibration": _calibration(counted),
        "aiopslab": _aiopslab(counted),
        "steps": sum(cast(int, line.get("steps") or 0) for line in counted),
        "tokens": sum(cast(int, line.get("tokens") or 0) for line in counted),
        "cost": round(sum(cast(float, line.get("cost") or 0.0) for line in counted), 6),
        "intervals": {name: interval(values) for name, values in rates.items() if values},
        "categories": _by(faults, "category"),
        "cases": _by(counted, "case"),
        "decoys": {
            "with": _rates([line for line in faults if line["with_decoys"]]),
            "without": _rates([line for line in faults if not line["with_decoys"]]),
        },
    }


def interval(values: Sequence[float]) -> JsonValue:
    """A 95 % bootstrap interval of the mean."""
    array = np.asarray(values)
    drawn = np.random.default_rng(SEED).integers(0, len(array), (RESAMPLES, len(array)))
    low, high = np.percentile(array[drawn].mean(axis=1), INTERVAL)
    return [round(float(low), 4), round(float(high), 4)]


def _by(lines: Sequence[Line], key: str) -> JsonValue:
    names = sorted({str(line[key]) for line in lines})
    return {name: _rates([line for line in lines if line[key] == name]) for name in names}


def _rates(lines: Sequence[Line]) -> JsonValue:
    fields = ("detected", "localized", "mechanism", "mitigated", "harmed")
    values = {field: found for field in fields if (found := _values(lines, field))}
    return {
        "scenarios": len(lines),
        **{field: _mean(values.get(field, ())) for field in fields},
        "median_seconds": _median([line for line in lines if line.get("mitigated")]),
        "intervals": {field: interval(found) for field, found in values.items()},
    }


def _middle(lines: Sequence[Line], field: str) -> float | None:
    known = [cast(float, line[field]) for line in lines if line.get(field) is not None]
    return float(np.median(known)) if known else None


def _calibration(lines: Sequence[Line]) -> JsonValue:
    sure = [line for line in lines if line.get("confidence") is not None]
    return calibration([cast(float, line["confidence"]) for line in sure], [bool(line["right"]) for line in sure])


def _aiopslab(lines: Sequence[Line]) -> JsonValue:
    """The share that AIOpsLab's rules would have called right, by task."""
    graded = [found for line in lines if isinstance(found := line.get("aiopslab"), dict)]
    tasks = ("detection", "localization", "analysis", "mitigation")
    return {task: _mean([float(bool(one[task])) for one in graded if one[task] is not None]) for task in tasks}


def _values(lines: Sequence[Line], field: str) -> list[float]:
    """1 or 0 for each line to which the field applies; a line that ended in an error has none of them, and counts 0."""
    values = [False if line["error"] is not None else line.get(field) for line in lines]
    return [float(bool(value)) for value in values if value is not None]


def _needless(line: Line) -> JsonValue:
    safety = line.get("safety")
    return safety.get("needless") if isinstance(safety, dict) else None


def _mean(values: Sequence[float]) -> float | None:
    return round(sum(values) / len(values), 4) if values else None


def _balanced(detected: Sequence[float], alarms: Sequence[float]) -> float | None:
    if not detected or not alarms:
        return None
    return round((sum(detected) / len(detected) + 1 - sum(alarms) / len(alarms)) / 2, 4)


def _median(lines: Sequence[Line]) -> float | None:
    seconds = [cast(float, line["seconds"]) for line in lines if line.get("seconds") is not None]
    return float(np.median(seconds)) if seconds else None
