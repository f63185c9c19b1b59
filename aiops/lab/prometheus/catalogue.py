"""Which series there are: `series`, `labels`, label values, `metadata`, and `/federate`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import numpy as np
from starlette.responses import PlainTextResponse, Response

from aiops.lab.prometheus.encoding import answer
from aiops.lab.prometheus.metadata import metadata_of
from aiops.lab.prometheus.parameters import BadDataError, Parameters
from aiops.lab.promql import ParseError, parse
from aiops.lab.promql.formatting import format_exposed
from aiops.lab.promql.tree import Selector, Shift
from aiops.lab.tsdb import NAME, Labels, LabelSets, Matcher, TimeSeriesStore
from aiops.lab.tsdb.store import milliseconds

_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_LOOKBACK = 300_000
"""Milliseconds for which a federated sample is current."""


class Catalogue:
    """Each method answers one path."""

    def __init__(self, store: TimeSeriesStore, now: Callable[[], float]) -> None:
        self._store = store
        self._now = now

    def series(self, parameters: Parameters) -> Response:
        if not parameters.all("match[]"):
            raise BadDataError("no match[] parameter provided")
        try:
            found = self._label_sets(parameters)
        except ParseError as error:
            raise BadDataError(f'invalid parameter "match[]": {error}') from error
        return answer([dict(labels) for labels in found])

    def labels(self, parameters: Parameters) -> Response:
        return answer(sorted(set().union(*map(_names_in, self._found(parameters)))))

    def label_values(self, parameters: Parameters) -> Response:
        wanted = parameters.path["name"]
        if not _LABEL.fullmatch(wanted):
            raise BadDataError(f'invalid label name: "{wanted}"')
        return answer(sorted(set().union(*(values_in(sets, wanted) for sets in self._found(parameters)))))

    def metadata(self, parameters: Parameters) -> Response:
        limit, wanted, now = parameters.limit(), parameters.first("metric"), self._now()
        names = metric_names(self._store, now)
        found = [(name, entry) for name, entry in metadata_of(names).items() if wanted in (None, "", name)]
        return answer(dict(found if limit < 0 else found[:limit]))

    def federate(self, parameters: Parameters) -> Response:
        """The newest sample of each series that one of the selectors finds, in the text format of exporters."""
        try:
            selections = [_matchers(text) for text in parameters.all("match[]")]
        except ParseError as error:
            return PlainTextResponse(f"{error}\n", 400)
        found = {labels: point for selection in selections for labels, point in self._newest(selection)}
        lines: list[str] = []
        told = ""
        for labels, (value, time) in sorted(found.items(), key=lambda one: (dict(one[0])[NAME], one[0])):
            name = dict(labels)[NAME]
            if name != told:
                lines.append(f"# TYPE {name} untyped")
                told = name
            lines.append(f"{_exposed(labels)} {format_exposed(value)} {time}")
        text = "".join(f"{line}\n" for line in lines)
        return PlainTextResponse(text, media_type="text/plain; version=0.0.4")

    def _newest(self, matchers: tuple[Matcher, ...]) -> Iterator[tuple[Labels, tuple[float, int]]]:
        moment = np.array([milliseconds(self._now())], dtype=np.int64)
        for frame in self._store.newest(matchers, moment, _LOOKBACK):
            values = zip(frame.labels, frame.values[0].tolist(), frame.present[0].tolist(), strict=True)
            yield from ((labels, (value, int(frame.times[0]))) for labels, value, here in values if here)

    def _label_sets(self, parameters: Parameters) -> list[Labels]:
        return sorted({labels for sets in self._found(parameters) for labels in sets})

    def _found(self, parameters: Parameters) -> list[LabelSets]:
        """The series of all selections, some perhaps twice."""
        start, end = parameters.time("start", 0.0), parameters.time("end", self._now())
        selections = [_matchers(text) for text in parameters.all("match[]")] or [()]
        return [sets for selection in selections for sets in self._store.label_sets(selection, start, end)]


def metric_names(store: TimeSeriesStore, now: float) -> frozenset[str]:
    """The names of what had a sample in the last hour."""
    return frozenset().union(*(values_in(sets, NAME) for sets in store.label_sets((), now - 3600, now)))


def values_in(sets: LabelSets, name: str) -> frozenset[str]:
    """The values that a label has."""
    return sets.remember(
        ("values", name), lambda: frozenset(value for labels in sets for own, value in labels if own == name)
    )


def _names_in(sets: LabelSets) -> frozenset[str]:
    return sets.remember("names", lambda: frozenset(name for labels in sets for name, _ in labels))


def _matchers(text: str) -> tuple[Matcher, ...]:
    """The conditions of a `match[]` parameter. Raises `ParseError`."""
    try:
        node = parse(text)
    except ParseError as error:
        if "non-empty matcher" in str(error):
            raise ParseError("match[] must contain at least one non-empty matcher") from error
        raise
    if not isinstance(node, Selector) or node.shift != Shift():
        raise ParseError(f"parse error: {text!r} is more than a series selector")
    return node.matchers


def _exposed(labels: Labels) -> str:
    """A series without an instance says so, for Prometheus would write its own address there."""
    own = {name: value for name, value in labels if name != NAME}
    pairs = (f'{name}="{_escaped(value)}"' for name, value in {**own, "instance": own.get("instance", "")}.items())
    return f"{dict(labels)[NAME]}{{{','.join(pairs)}}}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
