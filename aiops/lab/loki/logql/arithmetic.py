"""Operations on two sides: arithmetic, comparisons, sets."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.loki.logql.ast import Binary, Grouping
from aiops.lab.loki.logql.errors import ParseError
from aiops.lab.loki.logql.tracks import BoolArray, Labels, Track, grouped, tracks_of


def combined(
    query: Binary, left: list[Track] | float, right: list[Track] | float, steps: FloatArray
) -> list[Track] | float:
    """Both sides of an operation put together. Raises `ParseError` where more than one series matches."""
    if query.operator in ("and", "or", "unless"):
        return _set(query, tracks_of(left, steps), tracks_of(right, steps))
    if not isinstance(left, list) and not isinstance(right, list):
        a, b = np.array([left]), np.array([right])
        values, kept = _operate(query.operator, a, b, keep_bool=True)
        del kept
        return float(values[0])
    if not isinstance(left, list):
        return [_track(query, t.labels, np.full(len(steps), left), t.values, t.there, t.values) for t in _list(right)]
    if not isinstance(right, list):
        return [_track(query, t.labels, t.values, np.full(len(steps), right), t.there, t.values) for t in left]
    return _matched(query, left, right)


def _list(tracks: list[Track] | float) -> list[Track]:
    assert isinstance(tracks, list)
    return tracks


def _track(
    query: Binary, labels: Labels, left: FloatArray, right: FloatArray, there: BoolArray, shown: FloatArray
) -> Track:
    """`shown` are the values that a comparison lets through."""
    values, kept = _operate(query.operator, left, right, keep_bool=query.keep_bool)
    if kept is None:
        return Track(labels, values, there)
    return Track(labels, shown, there & kept)


def _matched(query: Binary, left: list[Track], right: list[Track]) -> list[Track]:
    others: dict[Labels, Track] = {}
    for track in right:
        key = _key(track.labels, query.matching)
        if key in others:
            raise ParseError(f"multiple matches for labels: many-to-many matching not allowed: {dict(key)}")
        others[key] = track
    made, seen = [], set()
    for track in left:
        key = _key(track.labels, query.matching)
        other = others.get(key)
        if other is None:
            continue
        if key in seen:
            raise ParseError("multiple matches for labels: many-to-one matching must be explicit")
        seen.add(key)
        labels = key if query.matching is not None else track.labels
        made.append(_track(query, labels, track.values, other.values, track.there & other.there, track.values))
    return made


def _key(labels: Labels, matching: Grouping | None) -> Labels:
    return labels if matching is None else grouped(labels, matching)


def _set(query: Binary, left: list[Track], right: list[Track]) -> list[Track]:
    right_there = _there(right, query.matching)
    if query.operator == "or":
        left_there = _there(left, query.matching)
        extra = [
            Track(t.labels, t.values, t.there & ~left_there.get(_key(t.labels, query.matching), np.zeros_like(t.there)))
            for t in right
        ]
        return [*left, *extra]
    made = []
    for track in left:
        other = right_there.get(_key(track.labels, query.matching), np.zeros_like(track.there))
        made.append(Track(track.labels, track.values, track.there & (other if query.operator == "and" else ~other)))
    return made


def _there(tracks: list[Track], matching: Grouping | None) -> dict[Labels, BoolArray]:
    found: dict[Labels, BoolArray] = {}
    for track in tracks:
        key = _key(track.labels, matching)
        found[key] = found[key] | track.there if key in found else track.there
    return found


_ARITHMETIC: dict[str, Callable[[FloatArray, FloatArray], FloatArray]] = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "%": np.fmod, "^": np.power,
}  # fmt: skip
_COMPARISONS: dict[str, Callable[[FloatArray, FloatArray], BoolArray]] = {
    "==": np.equal, "!=": np.not_equal, ">": np.greater, ">=": np.greater_equal, "<": np.less, "<=": np.less_equal,
}  # fmt: skip


def _operate(name: str, left: FloatArray, right: FloatArray, *, keep_bool: bool) -> tuple[FloatArray, BoolArray | None]:
    """(values, None), or of a comparison that filters (anything, where it holds)."""
    with np.errstate(all="ignore"):
        if name in _ARITHMETIC:
            return _ARITHMETIC[name](left, right), None
        holds = _COMPARISONS[name](left, right)
    return (holds.astype(np.float64), None) if keep_bool else (left, holds)
