"""Learns the table of confidence from lines of a bench run: `python -m aiops.bench.calibrating FILE...`.

The lines hold confidences that the present table gave; they are turned back into weights first.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import orjson
from rich.console import Console

from aiops.analysis.rootcause.from_evidence.calibrated import weight_of
from aiops.bench.calibration import calibration

GROUP = 20
"""Claims behind one row of the table at least."""


def table(weights: Sequence[float], right: Sequence[bool]) -> list[tuple[float, float, int]]:
    """(mean weight, share right, claims) of groups by weight, pooled until the shares rise; one claim more of either
    outcome is counted in each, so that no group is sure."""
    order = np.argsort(np.asarray(weights), kind="stable")
    groups = np.array_split(order, max(len(order) // GROUP, 1))
    rows: list[list[int]] = []
    for group in groups:
        rows.append(group.tolist())
        while len(rows) > 1 and _share(rows[-2], right) >= _share(rows[-1], right):
            rows[-2:] = [rows[-2] + rows[-1]]
    return [(float(np.mean([weights[i] for i in row])), _share(row, right), len(row)) for row in rows]


def _share(row: Sequence[int], right: Sequence[bool]) -> float:
    return (sum(right[i] for i in row) + 1) / (len(row) + 2)


def claims(paths: Iterable[Path]) -> list[tuple[float, bool]]:
    """(confidence, right) of every line of a fault in which a cause was named."""
    lines = [orjson.loads(text) for path in paths for text in path.read_bytes().splitlines() if text.strip()]
    return [(float(one["confidence"]), bool(one["right"])) for one in lines if one.get("confidence") is not None]


def main(arguments: Sequence[str]) -> None:
    """Print the table that the lines of these files speak for, and the error with the present one."""
    found = claims(map(Path, arguments))
    console = Console()
    if not found:
        console.print("no claim with a confidence in these files")
        return
    confidence, right = zip(*found, strict=True)
    console.print(calibration(confidence, right))
    for weight, share, count in table([weight_of(one) for one in confidence], right):
        console.print(f"({weight:.3f}, {share:.3f}),  # {count} claims")


if __name__ == "__main__":
    main(sys.argv[1:])
