"""What is said of a case: one object fit for JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aiops.analysis.rootcause.from_recordings.localize import Localization, localize
from aiops.analysis.rootcause.from_recordings.recording import Recording
from aiops.core.clock import Stopwatch
from aiops.core.errors import InvalidInputError
from aiops.evals.cases.folder import empty, read_case
from aiops.evals.cases.names import workload

DIGITS = 6


def diagnose(folder: Path) -> dict[str, Any]:
    """Read the case in a folder and rank its entities. Raises `InvalidInputError`."""
    watch = Stopwatch()
    recording = read_case(folder)
    if empty(recording):
        raise InvalidInputError(f"{folder}: there is neither telemetry nor a change, an event or an object")
    read = watch.seconds()
    found = localize(recording)
    return as_json(recording, found, watch.seconds(), read)


def as_json(recording: Recording, found: Localization, seconds: float, read: float) -> dict[str, Any]:
    """The localization with the names of the recording. `seconds` is how long all took, `read` the files."""
    causes = [
        {
            "entity": recording.entities[suspect.entity],
            "metric": suspect.metric,
            "mechanism": suspect.mechanism.value if suspect.mechanism else None,
            "score": suspect.score,
            "evidence": list(suspect.evidence),
        }
        for suspect in found.suspects
    ]
    return {
        "case": recording.name,
        "fault": found.fault,
        "abstained": found.abstained,
        "onset": found.onset,
        "p": None if found.p is None else round(found.p, DIGITS),
        "seconds": round(seconds, 3),
        "seconds_reading": round(read, 3),
        "missing": list(found.missing),
        "root_causes": causes,
        "workloads": _workloads(causes),
    }


def _workloads(causes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Workloads by the best score of their pods; of equal ones that with more in all of its pods comes first."""
    best: dict[str, float] = {}
    total: dict[str, float] = {}
    for cause in causes:
        name = workload(cause["entity"])
        best[name] = max(best.get(name, 0.0), cause["score"])
        total[name] = total.get(name, 0.0) + cause["score"]
    ranked = sorted(best, key=lambda name: (-best[name], -round(total[name], DIGITS)))
    return [{"entity": name, "score": best[name]} for name in ranked]
