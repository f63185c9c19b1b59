"""PetShop: 68 faults in a cloud shop, 52 of them with a normal time to compare with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from aiops.analysis.rootcause.from_recordings.localize import localize
from aiops.analysis.rootcause.from_recordings.recording import Recording
from aiops.evals.cases.petshop import Columns, Traffic, read_petshop, recording
from aiops.evals.naive import naive_place
from aiops.evals.registry import Report, evaluation
from aiops.evals.scoring import Ranked, by_chance, calibration_error, place_of, top

PUBLISHED = {"top1": 0.65, "top3": 0.83, "specificity": 0.60, "of": "anomaly traversal, PetShop's authors, 52 issues"}
"""Figures for latency and availability, low and high traffic together; the specificity is the best of .17 to .60."""

ROWS = 5
"""Rows of an issue, and so of a normal window."""


@evaluation("https://github.com/amazon-science/petshop-root-cause-analysis", files=("**/*.csv", "**/target.json"))
def petshop(folder: Path) -> Report:
    """PetShop: root cause of 52 issues with a baseline (16 train, 36 test) and 16 without; normal windows."""
    traffic = read_petshop(folder)
    with_normal = [each for each in traffic if each.normal is not None]
    without = [each for each in traffic if each.normal is None]
    train, test, bare = (
        _ranked(some, splits)
        for some, splits in ((with_normal, ("train",)), (with_normal, ("test",)), (without, ("train", "test")))
    )
    every = train + test
    naive = [naive_place(case, root) for case, root in cases(with_normal, ("train", "test"))]
    specificity, windows = _specificity(with_normal)
    ours = {
        **top(every),
        "specificity": specificity,
        "normal_windows": windows,
        "calibration_error": calibration_error(every),
    }
    return Report(
        ours=ours,
        beside={"published": PUBLISHED, "random": by_chance(every), "naive": top(naive)},
        detail={"train": top(train), "test": top(test), "without_baseline": top(bare)},
    )


def cases(traffic: Sequence[Traffic], splits: Sequence[str]) -> Iterator[tuple[Recording, str]]:
    """(case, true root cause) of all issues in these splits."""
    for each in traffic:
        for split in splits:
            for issue in each.issues[split]:
                name = f"{each.name}/{split}/{issue.name}"
                yield recording(each, each.normal, issue.table, issue.target, name), issue.root


def normal_windows(traffic: Traffic) -> Iterator[Recording]:
    """All disjoint windows of normal time, each with the rest of it as the baseline."""
    normal = traffic.normal
    target = next(issue.target for split in traffic.issues.values() for issue in split)
    assert normal is not None
    for start in range(len(normal.times) % ROWS, len(normal.times) - ROWS + 1, ROWS):
        inside = np.zeros(len(normal.times), dtype=bool)
        inside[start : start + ROWS] = True
        rest = Columns(normal.columns, normal.times[: (~inside).sum()], normal.values[~inside])
        window = Columns(normal.columns, normal.times[inside], normal.values[inside])
        yield recording(traffic, rest, window, target, f"{traffic.name}/normal/{start}")


def _ranked(traffic: Sequence[Traffic], splits: Sequence[str]) -> list[Ranked]:
    return [place_of(case, localize(case), root) for case, root in cases(traffic, splits)]


def _specificity(traffic: Sequence[Traffic]) -> tuple[float, int]:
    seen = [not localize(case).fault for each in traffic for case in normal_windows(each)]
    return round(float(np.mean(seen)), 4), len(seen)
