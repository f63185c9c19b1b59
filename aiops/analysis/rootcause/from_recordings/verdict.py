"""Is anything wrong at all? What users feel is compared with what the same recording's normal time looked like.

A course is as high in some normal windows as well; how many of them tells how sure a fault is (a conformal p-value:
Vovk, Gammerman and Shafer, "Algorithmic Learning in a Random World", 2005). It needs no threshold in deviations, and
so holds for systems that were never seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from aiops.analysis.anomaly.deviation import THRESHOLD
from aiops.analysis.rootcause.from_recordings.kinds import Kind
from aiops.analysis.rootcause.from_recordings.panel import Panel
from aiops.analysis.rootcause.from_recordings.window import Rows, Window, height
from aiops.core.telemetry import FloatArray

SIGNIFICANT = 0.05
"""Share of normal windows that may be taken for a fault."""

MIN_BLOCKS = 20
"""Windows of normal time from which their own share can be told; with fewer, deviations decide."""

LASTING = 0.25
"""A fault fills this part of the judged rows at least."""

SURE = 2 * THRESHOLD


@dataclass(frozen=True, slots=True)
class Verdict:
    """`fault`: something is wrong. `p` is the share of normal windows that look as bad; None for too few."""

    fault: bool
    p: float | None


def reachable(targets: Sequence[int], calls: Sequence[tuple[int, int]]) -> set[int]:
    """Everything that the targets call, directly or through others, without the targets."""
    callees: dict[int, list[int]] = {}
    for caller, callee in calls:
        callees.setdefault(caller, []).append(callee)
    seen, waiting = set(targets), list(targets)
    while waiting:
        for callee in callees.get(waiting.pop(), []):
            if callee not in seen:
                seen.add(callee)
                waiting.append(callee)
    return seen.difference(targets)


def judge(
    panel: Panel, window: Window, known: Rows, targets: Sequence[int], calls: Sequence[tuple[int, int]]
) -> Verdict:
    """Whether the rows that are not `known` (n,) to be normal hold a fault.

    Users of the targets must feel it, and something that the targets call must explain it, where the calls are known.
    """
    course = _felt(panel, window, targets, calls)
    p = _share_as_high(course, known)
    fault = height(course[~known]) >= SURE if p is None else p <= SIGNIFICANT
    return Verdict(fault, p)


def _felt(panel: Panel, window: Window, targets: Sequence[int], calls: Sequence[tuple[int, int]]) -> FloatArray:
    """How bad it is at each row (n,), by latency or by errors: the geometric mean of how the targets do, and the worst
    of what they call. Of whatever there is, where nobody says of what users complain."""
    z = window.normals.deviations(panel.values, panel.kinds)
    below = sorted(reachable(targets, calls))
    courses = []
    for kind in (Kind.LATENCY, Kind.ERRORS):
        columns = panel.of_kind(kind) & panel.additive
        own, others = (columns & np.isin(panel.entity, some) for some in (list(targets), below))
        if own.any():
            course = z[:, own].max(axis=1)
            courses.append(np.sqrt(course * z[:, others].max(axis=1)) if others.any() else course)
        elif not targets and columns.any():
            courses.append(z[:, columns].max(axis=1))
    return np.max(courses, axis=0) if courses else window.course


def _share_as_high(course: FloatArray, known: Rows) -> float | None:
    """The share of blocks of normal rows, and of the judged rows, that get as high as `LASTING` of the judged blocks.

    All blocks have the same length: a longer one would get higher by chance.
    """
    normal, judged = course[known], course[~known]
    length = max(1, min(len(judged), len(normal) // MIN_BLOCKS))
    if len(normal) // length < MIN_BLOCKS or not len(judged):
        return None
    usual, seen = (_heights(rows, length) for rows in (normal, judged))
    lasting = np.sort(seen)[-int(np.ceil(LASTING * len(seen)))]
    return float((1 + np.sum(usual >= lasting)) / (1 + len(usual)))


def _heights(course: FloatArray, length: int) -> FloatArray:
    """The heights of the last whole blocks of a course."""
    count = max(1, len(course) // length)
    return np.array([height(block) for block in np.array_split(course[-count * length :], count)])
