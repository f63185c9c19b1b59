"""Vector matching: which series of two vectors belong together."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.promql.tree import Matching
from aiops.lab.promql.values import (
    BoolArray,
    IntArray,
    PromqlError,
    Renamed,
    Vector,
    drop,
    empty,
    keep,
    merged,
    rejoined,
    stacked,
    without_name,
    written,
)
from aiops.lab.tsdb import Labels, LabelSets, labels_of

_Problem = tuple[int, str]
"""The step at which it arises, and what it is."""

K = TypeVar("K", bound=Hashable)

Operator = Callable[[FloatArray, FloatArray], tuple[FloatArray, BoolArray | None]]
"""(left, right) -> values and which of them stay; None: all."""


def _signatures(labels: LabelSets, matching: Matching) -> list[Labels]:
    """What must be equal for two series to match."""
    select = keep if matching.on else drop
    return labels.gathered(
        ("signatures", matching.names, matching.on),
        lambda before, more: [*(before or ()), *(select(own, matching.names) for own in more)],
    )


def set_operation(op: str, left: Vector, right: Vector, matching: Matching) -> Vector:
    """`and`, `or`, `unless`, step by step."""
    if op == "or":
        extra = Vector(right.labels, right.values, right.present & ~_partnered(right.labels, left, matching))
        return merged(stacked([left, extra], left.values.shape[1]))
    matched = _partnered(left.labels, right, matching)
    return Vector(left.labels, left.values, left.present & (matched if op == "and" else ~matched))


def _partnered(labels: LabelSets, others: Vector, matching: Matching) -> BoolArray:
    """(labels, steps): where a series of these labels has a partner among the others."""
    own, theirs = labels.remember(
        ("partners", others.labels, matching), lambda: _numbered(labels, others.labels, matching)
    )
    present = np.zeros((len(own) + 1, others.present.shape[1]), dtype=bool)
    (rows,) = np.nonzero(others.present.any(axis=1))
    if len(rows):
        np.logical_or.at(present, theirs[rows], others.present[rows])
    found: BoolArray = present[own]
    return found


def _numbered(labels: LabelSets, others: LabelSets, matching: Matching) -> tuple[IntArray, IntArray]:
    """The number of each series' key, on both sides; keys that only the others have share one."""
    places: dict[Labels, int] = {}
    own = [places.setdefault(key, len(places)) for key in _signatures(labels, matching)]
    theirs = [places.get(key, len(own)) for key in _signatures(others, matching)]
    return np.array(own, dtype=np.int64), np.array(theirs, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class _Plan:
    """Who meets whom: rows of the many side and of the one side, pair by pair, and what comes of each pair.

    `rivals`: keys of which the one side has several series. `crowded`: pairs that are not alone under what must be
    unique among them.
    """

    many: IntArray
    one: IntArray
    result: Renamed
    rivals: list[tuple[Labels, list[int]]]
    crowded: list[list[int]]


def join(left: Vector, right: Vector, matching: Matching, operator: Operator, *, keeps_name: bool) -> Vector:
    """Match series one to one, or many to one where the matching groups. Raises `PromqlError` on ambiguity."""
    swapped = matching.many == "right"
    many, one = (right, left) if swapped else (left, right)
    plan = many.labels.remember(
        ("join", one.labels, matching, keeps_name), lambda: _plan(many.labels, one.labels, matching, keeps_name)
    )
    problems = _rivals(plan, many, one, side="left" if swapped else "right")
    if not len(plan.many):
        _raise_first(problems)
        return empty(left.values.shape[1])
    ours, theirs = many.values[plan.many], one.values[plan.one]
    values, stays = operator(theirs, ours) if swapped else operator(ours, theirs)
    present = many.present[plan.many] & one.present[plan.one]
    if stays is not None:
        present &= stays
    _raise_first([*problems, *_crowds(plan, present, grouped=matching.many is not None)])
    return rejoined(plan.result, values, present)


def _plan(many: LabelSets, one: LabelSets, matching: Matching, keeps_name: bool) -> _Plan:
    keys, one_keys = _signatures(many, matching), _signatures(one, matching)
    rows_of = _rows_of(one_keys)
    pairs = [(row, partner) for row, key in enumerate(keys) for partner in rows_of.get(key, ())]
    labels = [_result_labels(many[row], one[partner], matching, keeps_name) for row, partner in pairs]
    unique = _rows_of([(keys[row], labels[at] if matching.many else ()) for at, (row, _) in enumerate(pairs)])
    array = np.array(pairs, dtype=np.int64).reshape(len(pairs), 2)
    return _Plan(
        array[:, 0],
        array[:, 1],
        Renamed.to(labels),
        [(key, partners) for key, partners in rows_of.items() if len(partners) > 1],
        [crowd for crowd in unique.values() if len(crowd) > 1],
    )


def _rows_of(keys: Sequence[K]) -> dict[K, list[int]]:
    found: dict[K, list[int]] = {}
    for row, key in enumerate(keys):
        found.setdefault(key, []).append(row)
    return found


def _rivals(plan: _Plan, many: Vector, one: Vector, side: str) -> list[_Problem]:
    """Where the one side has two series of one key at a step at which the other side has any."""
    if not plan.rivals or not len(many.labels):
        return []
    found = []
    asked = many.present.any(axis=0)
    for key, rows in plan.rivals:
        here = one.present[rows] & asked
        step = _first_step_with_two(here)
        if step is not None:
            first, second = (one.labels[row] for row in np.array(rows)[here[:, step]][:2].tolist())
            text = (
                f"found duplicate series for the match group {written(key)} on the {side} hand-side of the operation: "
                f"[{written(second)}, {written(first)}];many-to-many matching not allowed: "
                "matching labels must be unique on one side"
            )
            found.append((step, text))
    return found


def _crowds(plan: _Plan, present: BoolArray, *, grouped: bool) -> list[_Problem]:
    """Where two results are the same but for what the matching leaves out."""
    unique = "grouping labels must ensure unique matches"
    explicit = "many-to-one matching must be explicit (group_left/group_right)"
    steps = [_first_step_with_two(present[pairs]) for pairs in plan.crowded]
    return [
        (step, f"multiple matches for labels: {unique if grouped else explicit}") for step in steps if step is not None
    ]


def _first_step_with_two(present: BoolArray) -> int | None:
    twice = np.add.reduce(present, axis=0, dtype=np.int64) > 1
    return int(np.argmax(twice)) if twice.any() else None


def _raise_first(problems: list[_Problem]) -> None:
    """Prometheus evaluates step by step, and ends at the first problem."""
    if problems:
        raise PromqlError(min(problems, key=lambda problem: problem[0])[1])


def _result_labels(many: Labels, one: Labels, matching: Matching, keeps_name: bool) -> Labels:
    labels = dict(many if keeps_name else without_name(many))
    if matching.many is None:
        labels = {name: value for name, value in labels.items() if (name in matching.names) == matching.on}
    for name in matching.include:
        labels[name] = dict(one).get(name, "")
    return labels_of(labels)
