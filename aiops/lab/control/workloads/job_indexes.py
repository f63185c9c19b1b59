"""Sets of completion indexes as a Job's status writes them: `1,3-5,7`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from aiops.core.entity import Manifest
from aiops.lab.kube.objects import annotations_of

ANNOTATION = "batch.kubernetes.io/job-completion-index"
UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class Indexes:
    """Intervals (first, last) in order, with gaps between them."""

    intervals: tuple[tuple[int, int], ...] = ()

    def __len__(self) -> int:
        return sum(last - first + 1 for first, last in self.intervals)

    def __contains__(self, index: int) -> bool:
        return any(first <= index <= last for first, last in self.intervals)

    def __or__(self, other: Indexes) -> Indexes:
        merged: list[tuple[int, int]] = []
        for first, last in sorted((*self.intervals, *other.intervals)):
            if merged and first <= merged[-1][1] + 1:
                merged[-1] = merged[-1][0], max(last, merged[-1][1])
            else:
                merged.append((first, last))
        return Indexes(tuple(merged))

    def __and__(self, other: Indexes) -> int:
        """How many indexes both have."""
        shared = 0
        for first, last in self.intervals:
            shared += sum(max(min(last, end) - max(first, start) + 1, 0) for start, end in other.intervals)
        return shared

    def __str__(self) -> str:
        return ",".join(_written(first, last) for first, last in self.intervals)

    def missing(self, count: int, end: int) -> list[int]:
        """The first `count` indexes below `end` that are not in it."""
        found: list[int] = []
        candidate = 0
        for first, last in (*self.intervals, (end, end)):
            found.extend(range(candidate, min(first, end, candidate + count - len(found))))
            candidate = max(candidate, last + 1)
        return found


def _written(first: int, last: int) -> str:
    if first == last:
        return str(first)
    return f"{first},{last}" if last == first + 1 else f"{first}-{last}"


def indexes(numbers: Iterable[int]) -> Indexes:
    """Numbers in any order."""
    return Indexes() | Indexes(tuple((number, number) for number in numbers))


def parse_indexes(text: str, end: int) -> Indexes:
    """Read a status or a rule; what is no interval, or not below `end`, is left out."""
    found = []
    for part in text.split(",") if text else ():
        first, _, last = part.partition("-")
        if not first.isdecimal() or (last and not last.isdecimal()) or int(first) >= end:
            continue
        found.append((int(first), min(int(last or first), end - 1)))
    return Indexes() | Indexes(tuple(found))


def index_of(pod: Manifest) -> int:
    """The completion index of a pod; -1 where it has none."""
    text = annotations_of(pod).get(ANNOTATION, "")
    return int(text) if text.isdecimal() else UNKNOWN
