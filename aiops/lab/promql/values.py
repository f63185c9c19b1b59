"""What expressions evaluate to. Every value holds all steps of the query at once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from itertools import islice

import numpy as np
import numpy.typing as npt

from aiops.core.errors import InvalidInputError
from aiops.core.telemetry import FloatArray
from aiops.lab.tsdb import NAME, Frame, Labels, LabelSets

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


class PromqlError(InvalidInputError):
    """A query that cannot be evaluated."""


class QueryTimeoutError(PromqlError):
    """A query that takes longer than it may."""


class ParseError(PromqlError):
    """A text that is no query, or a range of steps that makes no sense."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """One number a step: `values` (steps,)."""

    values: FloatArray


@dataclass(frozen=True, slots=True)
class Text:
    """A string literal."""

    value: str


@dataclass(frozen=True, slots=True)
class Vector:
    """An instant vector at each step: `values` and `present` (series, steps).

    A result can be NaN, so absence needs its own mask.
    """

    labels: LabelSets
    values: FloatArray
    present: BoolArray


@dataclass(frozen=True, slots=True)
class Windows:
    """A range vector: at step i the samples of `frames` in the closed window [`starts`[i], `ends`[i]], in ms."""

    frames: list[Frame]
    starts: IntArray
    ends: IntArray

    def samples(self) -> int:
        """How many samples all windows hold together, gaps included."""
        return sum(
            int((frame.times.searchsorted(self.ends, "right") - frame.times.searchsorted(self.starts, "left")).sum())
            * len(frame.labels)
            for frame in self.frames
        )


Value = Scalar | Text | Vector | Windows

NOTHING = LabelSets([])
ALONE = LabelSets([()])
"""One series without labels."""

SAME_LABELS = "vector cannot contain metrics with the same labelset"


def empty(steps: int) -> Vector:
    """A vector without series."""
    return Vector(NOTHING, np.zeros((0, steps)), np.zeros((0, steps), dtype=bool))


def stacked(parts: list[Vector], steps: int) -> Vector:
    """The series of all parts, in order."""
    parts = [part for part in parts if len(part.labels)]
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return empty(steps)
    return Vector(
        stacked_labels([part.labels for part in parts]),
        np.concatenate([part.values for part in parts]),
        np.concatenate([part.present for part in parts]),
    )


def stacked_labels(parts: list[LabelSets]) -> LabelSets:
    """Those of several vectors, one after the other."""
    if len(parts) == 1:
        return parts[0]
    return parts[0].remember(("stacked", *parts[1:]), lambda: LabelSets([own for part in parts for own in part]))


def shown(vector: Vector) -> Vector:
    """Without the series that have no sample at any step."""
    some = np.logical_or.reduce(vector.present, axis=1)
    if some.all():
        return vector
    return Vector(vector.labels.where(some), vector.values[some], vector.present[some])


def without_name(labels: Labels) -> Labels:
    """The label set without the metric's name, which is mostly its first label."""
    if labels and labels[0][0] == NAME:
        return labels[1:]
    return tuple([pair for pair in labels if pair[0] != NAME])


def keep(labels: Labels, names: frozenset[str]) -> Labels:
    """Only the labels of these names."""
    return tuple([pair for pair in labels if pair[0] in names])


def drop(labels: Labels, names: frozenset[str]) -> Labels:
    """All labels but these and the metric's name."""
    return tuple([pair for pair in labels if pair[0] not in names and pair[0] != NAME])


@dataclass(frozen=True, slots=True)
class Renamed:
    """New label sets, each once, and where each old series went: `places` of the new ones, `rows` of the old ones.
    `first`: for each new one, the first old series that went there; `later`: all others."""

    labels: LabelSets
    places: dict[Labels, int]
    rows: list[int]
    first: IntArray
    later: list[int]

    @classmethod
    def to(cls, labels: Iterable[Labels], before: Renamed | None = None) -> Renamed:
        """What comes of label sets, after those `before`."""
        places = before.places.copy() if before else {}
        rows, later = (before.rows.copy(), before.later.copy()) if before else ([], [])
        first: list[int] = []
        known = len(places)
        for source, own in enumerate(labels, len(rows)):
            row = places.setdefault(own, known + len(first))
            (first if row == known + len(first) else later).append(source)
            rows.append(row)
        firsts = np.array(first, dtype=np.int64)
        if before is None:
            return cls(LabelSets(list(places)), places, rows, firsts, later)
        added = before.labels.grown(list(islice(places, known, None)))
        return cls(added, places, rows, np.concatenate([before.first, firsts]), later)


def renamed(labels: LabelSets, key: Hashable, change: Callable[[Labels], Labels]) -> Renamed:
    """Change every label set. What comes of it is remembered under the key."""
    return labels.gathered(("renamed", key), lambda before, more: Renamed.to([change(own) for own in more], before))


def nameless(vector: Vector, values: FloatArray | None = None) -> Vector:
    """The vector without metric names, with other values where some are given. Raises `PromqlError` where two series of
    equal labels have a sample at one step."""
    new = renamed(vector.labels, "nameless", without_name)
    return rejoined(new, vector.values if values is None else values, vector.present)


def nameless_series(vector: Vector) -> Vector:
    """The same where series are whole: refuses two of equal labels even if they take turns."""
    new = renamed(vector.labels, "nameless", without_name)
    if new.later:
        vector = shown(vector)
        new = renamed(vector.labels, "nameless", without_name)
    if new.later:
        raise PromqlError(SAME_LABELS)
    return Vector(new.labels, vector.values, vector.present)


def rejoined(new: Renamed, values: FloatArray, present: BoolArray) -> Vector:
    """The samples under new label sets; series that have become one are joined. Raises `PromqlError` where two of them
    have a sample at one step."""
    if not new.later:
        return Vector(new.labels, values, present)
    joined, somewhere = values[new.first], present[new.first]
    later = np.array(new.later)
    for source in later[present[later].any(axis=1)].tolist():
        row, here = new.rows[source], present[source]
        if (somewhere[row] & here).any():
            raise PromqlError(SAME_LABELS)
        joined[row, here] = values[source, here]
        somewhere[row] |= here
    return Vector(new.labels, joined, somewhere)


def merged(vector: Vector) -> Vector:
    """Join series of equal labels. Raises `PromqlError` where two of them have a sample at one step."""
    return rejoined(renamed(vector.labels, "merged", lambda own: own), vector.values, vector.present)


def written(labels: Labels) -> str:
    """A label set as Prometheus writes it: `name{a="b"}`."""
    own = ", ".join(f'{name}="{_escaped(value)}"' for name, value in labels if name != NAME)
    name = dict(labels).get(NAME, "")
    return f"{name}{{{own}}}" if own or not name else name


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
