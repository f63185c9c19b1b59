"""Calls between entities in spans as columns: whom a span calls, who never answered, where time was lost on the way.

Arrays of spans are (n,), as in `aiops.analysis.traces.columns`; entities are numbers from 0 to `count` - 1.
"""

from __future__ import annotations

import numpy as np

from aiops.analysis.traces.columns import MIN_SPANS, Flags, IntArray
from aiops.core.telemetry import FloatArray

NOBODY, SEVERAL = -1, -2

USUAL = 0.8
"""Share of an operation's spans that call one entity, from which that callee is missed where it is absent."""


def totals(key: IntArray, amount: FloatArray, count: int) -> FloatArray:
    """The sum of `amount` (n,) for each of `count` keys: (count,)."""
    return np.asarray(np.bincount(key, amount, count), dtype=float)


def called(entity: IntArray, parent: IntArray) -> IntArray:
    """The other entity (n,) that recorded a child of each span; `NOBODY` or `SEVERAL` where that is not one."""
    children = np.flatnonzero(parent >= 0)
    children = children[entity[children] != entity[parent[children]]]
    low = np.full(len(entity), np.iinfo(np.int64).max)
    high = np.full(len(entity), NOBODY, dtype=np.int64)
    np.minimum.at(low, parent[children], entity[children])
    np.maximum.at(high, parent[children], entity[children])
    return np.where((high >= 0) & (low != high), SEVERAL, high)


def unanswered(operation: IntArray, service: IntArray, parent: IntArray, old: Flags) -> IntArray:
    """The service that a span's operation usually calls and that recorded nothing of this call (n,), else `NOBODY`.

    `service` (n,) is the one that recorded a span: all pods of a workload are one, for calls go to any of them. `old`
    (n,) are the spans from which the usual way is learnt. Of several that are missing the one that is missed most
    often counts.
    """
    count_of = np.bincount(operation[old], minlength=int(operation.max()) + 1)
    width = int(service.max()) + 1
    children = np.flatnonzero(parent >= 0)
    children = children[service[children] != service[parent[children]]]
    answered = np.unique(parent[children] * width + service[children])
    caller = answered // width
    pairs, times = np.unique(operation[caller[old[caller]]] * width + answered[old[caller]] % width, return_counts=True)
    each = pairs // width
    usual = pairs[(times >= USUAL * count_of[each]) & (count_of[each] >= MIN_SPANS)]
    missing = np.full(len(operation), NOBODY, dtype=np.int64)
    most = np.zeros(len(operation), dtype=np.int64)
    for pair in usual.tolist():
        spans = np.flatnonzero(operation == pair // width)
        silent = spans[~np.isin(spans * width + pair % width, answered, assume_unique=True)]
        better = silent[most[silent] < len(silent)]
        missing[better], most[better] = pair % width, len(silent)
    return missing


def lost_on_calls(
    entity: IntArray, callee: IntArray, extra: FloatArray, late: Flags, usual: Flags, count: int
) -> FloatArray:
    """Seconds that calls lost on the way, given to the end of which more calls are late: (count,).

    `extra` (n,) are the seconds of the calling spans `late` (n,); `usual` (n,) are such spans of before. A machine with
    a slow network is slow to all others; each of these has one slow call.
    """
    late = late & (extra > 0) & (callee >= 0)
    pairs, edge = np.unique(entity[late] * count + callee[late], return_inverse=True)
    lost = totals(edge, extra[late], len(pairs))
    ends = np.stack([pairs // count, pairs % count])
    known = np.unique(entity[usual] * count + callee[usual])
    degree = np.bincount(np.concatenate([known // count, known % count]), minlength=count)
    slow = np.bincount(ends.ravel(), minlength=count)
    weight = totals(ends.ravel(), np.tile(lost, 2), count) * np.minimum(slow / np.maximum(degree, 1), 1.0)
    both = weight[ends[0]] + weight[ends[1]]
    to_callee = np.where(both > 0, weight[ends[1]] / np.where(both > 0, both, 1.0), 1.0)
    return totals(ends[1], lost * to_callee, count) + totals(ends[0], lost * (1.0 - to_callee), count)
