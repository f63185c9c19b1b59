"""What expressions evaluate to. Every value holds all steps of the query at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from aiops.core.errors import InvalidInputError
from aiops.core.telemetry import FloatArray
from aiops.lab.tsdb import NAME, Labels

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


class PromqlError(InvalidInputError):
    """A query that cannot be evaluated."""


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

    A result can be NaN, so absence needs its own mask. `sampled` holds the samples' times in seconds, where the
    vector was selected and not computed.
    """

    labels: list[Labels]
    values: FloatArray
    present: BoolArray
    sampled: FloatArray | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """Samples of several series at common times: `times` (n,) in ms, `values` and `present` (series, n)."""

    labels: list[Labels]
    times: IntArray
    values: FloatArray
    present: BoolArray


@dataclass(frozen=True, slots=True)
class Windows:
    """A range vector: at step i the samples of `frames` in the closed window [`starts`[i], `ends`[i]], in ms."""

    frames: list[Frame]
    starts: IntArray
    ends: IntArray


Value = Scalar | Text | Vector | Windows

_REMEMBERED = 65_536
"""Label sets whose parts are remembered: rules ask for the same ones at every evaluation."""


def empty(steps: int) -> Vector:
    """A vector without series."""
    return Vector([], np.zeros((0, steps)), np.zeros((0, steps), dtype=bool))


def stacked(parts: list[Vector], steps: int) -> Vector:
    """The series of all parts, in order."""
    parts = [part for part in parts if part.labels]
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return empty(steps)
    sampled = [part.sampled for part in parts if part.sampled is not None]
    return Vector(
        [labels for part in parts for labels in part.labels],
        np.concatenate([part.values for part in parts]),
        np.concatenate([part.present for part in parts]),
        np.concatenate(sampled) if len(sampled) == len(parts) else None,
    )


@lru_cache(_REMEMBERED)
def without_name(labels: Labels) -> Labels:
    """The label set without the metric's name."""
    return tuple(pair for pair in labels if pair[0] != NAME)


@lru_cache(_REMEMBERED)
def keep(labels: Labels, names: frozenset[str]) -> Labels:
    """Only the labels of these names."""
    return tuple(pair for pair in labels if pair[0] in names)


@lru_cache(_REMEMBERED)
def drop(labels: Labels, names: frozenset[str]) -> Labels:
    """All labels but these and the metric's name."""
    return tuple(pair for pair in labels if pair[0] not in names and pair[0] != NAME)


def nameless(vector: Vector) -> Vector:
    """The vector without metric names. Raises `PromqlError` where two series become one."""
    return merged(Vector([without_name(labels) for labels in vector.labels], vector.values, vector.present))


def merged(vector: Vector) -> Vector:
    """Join series of equal labels. Raises `PromqlError` where two of them have a sample at one step."""
    rows: dict[Labels, int] = {}
    row_of = [rows.setdefault(labels, len(rows)) for labels in vector.labels]
    if len(rows) == len(row_of):
        return vector
    values = np.zeros((len(rows), vector.values.shape[1]))
    present = np.zeros(values.shape, dtype=bool)
    for source, row in enumerate(row_of):
        here = vector.present[source]
        if (present[row] & here).any():
            raise PromqlError("vector cannot contain metrics with the same labelset")
        values[row, here] = vector.values[source, here]
        present[row] |= here
    return Vector(list(rows), values, present)
