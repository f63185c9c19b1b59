"""How many bytes of lines there are, by series or by label: Loki's `index/volume` and `index/volume_range`."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any

import numpy as np

from aiops.core.errors import InvalidInputError
from aiops.core.telemetry import FloatArray
from aiops.lab.loki.encoding import moment_of
from aiops.lab.loki.logql.ast import Matcher
from aiops.lab.loki.logql.parser import parse_selector
from aiops.lab.loki.parameters import Parameters
from aiops.lab.loki.sizes import size_of
from aiops.lab.loki.source import LabelledStream, StreamIndex

_Group = tuple[tuple[str, str], ...]


class Volumes:
    """The bytes of the streams that a selector finds."""

    def __init__(self, index: StreamIndex, asked: Parameters) -> None:
        """Raises `InvalidInputError`."""
        self._index = index
        self._start, self._end = asked.bounds()
        self._matchers: tuple[Matcher, ...] = parse_selector(asked.query())
        self._limit = asked.limit()
        self._targets = [name for text in asked.all("targetLabels") for name in text.split(",") if name]
        by = asked.first("aggregateBy") or "series"
        if by not in ("series", "labels"):
            raise InvalidInputError("invalid aggregation option")
        self._by_label = by == "labels"

    def instant(self) -> dict[str, Any]:
        """One sum for each, at the end of the range, the largest first."""
        moment = moment_of(self._end)
        edges = np.array([self._start, self._end])
        result = [
            {"metric": dict(group), "value": [moment, str(sizes[self._end])]} for group, sizes in self._largest(edges)
        ]
        return {"resultType": "vector", "result": result}

    def ranged(self, steps: FloatArray) -> dict[str, Any]:
        """A sum for each step that ends at each moment and has any."""
        edges = np.append(steps, self._end) if steps[-1] < self._end else steps
        result = [
            {"metric": dict(group), "values": [[moment_of(time), str(size)] for time, size in sorted(sizes.items())]}
            for group, sizes in self._largest(edges)
        ]
        return {"resultType": "matrix", "result": result}

    def _largest(self, edges: FloatArray) -> list[tuple[_Group, Counter[float]]]:
        """(labels, bytes by the end of the step) of the largest groups."""
        found: dict[_Group, Counter[float]] = {}
        for stream in self._index.written_between(self._matchers, self._start, self._end):
            sizes = self._sizes(stream, edges)
            for group in self._groups(stream.labels):
                found.setdefault(group, Counter()).update(sizes)
        ranked = sorted(found.items(), key=lambda one: (-one[1].total(), one[0]))
        return ranked[: self._limit]

    def _sizes(self, stream: LabelledStream, edges: FloatArray) -> Counter[float]:
        sizes: Counter[float] = Counter()
        size = size_of(self._index, stream, self._start, self._end)
        until = np.searchsorted(size.times, edges, side="right").tolist()
        until[0] = 0
        for (before, after), end in zip(pairwise(until), edges[1:].tolist(), strict=True):
            if after > before:
                sizes[end] = size.bytes(after) - size.bytes(before)
        return sizes

    def _groups(self, labels: dict[str, str]) -> list[_Group]:
        """What a stream counts for: its own label set, cut down to the wanted labels; or each of its labels."""
        wanted = self._targets or ([] if self._by_label else [matcher.name for matcher in self._matchers])
        kept = [(name, value) for name, value in sorted(labels.items()) if not wanted or name in wanted]
        return [((name, ""),) for name, _ in kept] if self._by_label else [tuple(kept)]
