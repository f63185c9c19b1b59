"""Many spans at once, as columns: time spent by spans themselves, time lost on calls, errors that began at a span.

`parent` (n,) is the index of each span's parent, -1 for none. `entity`, `start`, `duration` and `error` are (n,) too;
starts in unix seconds, durations in seconds.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from aiops.core.telemetry import FloatArray

IntArray = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

MIN_SPANS = 5
"""Spans of an operation before the trouble, from which its usual way is known."""


def self_times(parent: IntArray, start: FloatArray, duration: FloatArray) -> FloatArray:
    """Seconds (n,) of each span in which none of its children ran. Children may overlap each other.

    A child that seems to run outside its parent comes from a machine with another clock: it is moved inside.
    """
    children = np.flatnonzero(parent >= 0)
    above = parent[children]
    room = np.maximum(duration[above] - duration[children], 0.0)
    begin = np.clip(start[children] - start[above], 0.0, room)
    end = np.minimum(begin + duration[children], duration[above])
    order = np.lexsort((begin, above))
    children, above, begin, end = children[order], above[order], begin[order], end[order]
    lane = np.unique(above, return_inverse=True)[1] * (float(duration.max(initial=0.0)) + 1.0)
    reached = np.maximum.accumulate(end + lane) - lane
    before = np.zeros(len(end))
    before[1:] = np.where(above[1:] == above[:-1], reached[:-1], 0.0)
    covered = np.maximum(end - np.maximum(begin, before), 0.0)
    return np.maximum(duration - np.bincount(above, covered, len(duration)), 0.0)


def is_call(entity: IntArray, parent: IntArray) -> Flags:
    """Which spans (n,) stand on the calling side of a remote call: nested in their own entity, with one child, which
    another entity recorded. Recordings often lack the kind of a span."""
    count = np.bincount(parent[parent >= 0], minlength=len(parent))
    foreign = np.zeros(len(parent), dtype=bool)
    children = np.flatnonzero(parent >= 0)
    foreign[parent[children[entity[children] != entity[parent[children]]]]] = True
    nested = (parent >= 0) & (entity[np.maximum(parent, 0)] == entity)
    return np.asarray(nested & foreign & (count == 1))


def error_begins(parent: IntArray, error: Flags) -> Flags:
    """Which spans (n,) erred with no erring child: where an error began."""
    below = np.zeros(len(error), dtype=bool)
    below[parent[(parent >= 0) & error]] = True
    return np.asarray(error & ~below)


def calls_between(entity: IntArray, parent: IntArray) -> list[tuple[int, int]]:
    """(caller, callee) of all calls from one entity to another, each once, in order."""
    children = np.flatnonzero(parent >= 0)
    pairs = np.stack([entity[parent[children]], entity[children]], axis=1)
    pairs = np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0)
    return [(int(caller), int(callee)) for caller, callee in pairs]
