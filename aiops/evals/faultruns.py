"""Sock Shop and RCAEval: faults at single services, in folders of runs. Their data stand beside no other figures here
than those that their authors publish."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from aiops.analysis.rootcause.from_recordings.localize import localize
from aiops.analysis.rootcause.from_recordings.recording import Recording
from aiops.core.errors import InvalidInputError
from aiops.evals.cases.rcaeval import INJECTED, Run, read_run, runs
from aiops.evals.naive import naive_place
from aiops.evals.registry import Report, evaluation
from aiops.evals.scoring import Ranked, by_chance, calibration_error, place_of, top

LATE = 60.0
"""Seconds by which the onset is told late, for the second table."""

FILES = (f"**/{INJECTED}", "**/*.csv")
Ranker = Callable[[Recording, str], Ranked]


@evaluation("https://zenodo.org/records/13305663", files=FILES)
def sockshop(folder: Path) -> Report:
    """Sock Shop: 50 processor and memory faults, metrics alone, with the onset known and told a minute late."""
    published = {"avg5": 0.98, "of": "median and interquartile range with a change point (BARO), onset a minute late"}
    return _report(folder, published)


@evaluation("https://zenodo.org/records/14590730", files=FILES)
def rcaeval(folder: Path) -> Report:
    """RCAEval's RE1, RE2 and RE3: 735 faults in three systems; metrics, and logs and traces where they were kept."""
    return _report(folder, {"top1": 0.68, "of": "PRISM on all 735 cases"})


def _report(folder: Path, published: dict[str, Any]) -> Report:
    found = list(runs(folder))
    if not found:
        raise InvalidInputError(f"{folder} holds no run: a folder SERVICE_FAULT/RUN with {INJECTED}")
    ours = _each(found, _localized)
    late = _each(found, _localized, LATE)
    naive = _each(found, naive_place)
    faults = sorted({run.fault for run in found})
    by_fault = {f: top([r for run, r in zip(found, ours, strict=True) if run.fault == f]) for f in faults}
    return Report(
        ours={**top(ours), "calibration_error": calibration_error(ours)},
        beside={"late": top(late), "published": published, "random": by_chance(ours), "naive": top(naive)},
        detail={"by_fault": by_fault},
    )


def _each(found: Sequence[Run], rank: Ranker, late: float = 0.0) -> list[Ranked]:
    return [rank(read_run(run, late), run.service) for run in found]


def _localized(case: Recording, root: str) -> Ranked:
    return place_of(case, localize(case), root)
