"""Reads PetShop (Hardt et al., "The PetShop Dataset: Finding Causes of Performance Issues across Microservices").

Each kind of traffic has a folder: `graph.csv` (callers in rows), `noissue/metrics.csv` and one folder an issue
below `train` and `test`, each with `metrics.csv` and `target.json`. The tables have three rows of column names
(microservice, metric, statistic). Of two kinds of traffic there is no normal time.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from aiops.analysis.rootcause.from_recordings.recording import IntArray, Recording, Samples
from aiops.core.errors import InvalidInputError
from aiops.core.telemetry import FloatArray
from aiops.evals.cases.names import Names

STEP = 300.0
"""Seconds between two rows."""

HEAD = 3


@dataclass(frozen=True, slots=True)
class Columns:
    """A table: `columns` are (microservice, metric of a statistic), `times` (n,) and `values` (n, k) with NaN."""

    columns: tuple[tuple[str, str], ...]
    times: FloatArray
    values: FloatArray

    def rows(self, chosen: slice | FloatArray) -> Columns:
        """Some of the rows."""
        return Columns(self.columns, self.times[chosen], self.values[chosen])


@dataclass(frozen=True, slots=True)
class Issue:
    """One injected fault: where its table is, of what users complained, and the true root cause."""

    name: str
    table: Columns
    target: str
    root: str


@dataclass(frozen=True, slots=True)
class Traffic:
    """One kind of traffic. `normal` is None where none was recorded; `issues` by split (train, test)."""

    name: str
    calls: tuple[tuple[str, str], ...]
    normal: Columns | None
    issues: dict[str, tuple[Issue, ...]]


def read_petshop(folder: Path) -> list[Traffic]:
    """All kinds of traffic, by name. Raises `InvalidInputError`."""
    found = sorted(path.parent for path in folder.glob("**/graph.csv"))
    if not found:
        raise InvalidInputError(f"{folder} holds no graph.csv of PetShop")
    return [_traffic(path) for path in found]


def recording(traffic: Traffic, normal: Columns | None, window: Columns, target: str, name: str) -> Recording:
    """A case: normal time, moved to end right before the window, and the window."""
    names, metrics = Names(), Names()
    tables = [window]
    if normal is not None:
        shift = float(window.times[0] - STEP - normal.times[-1])
        tables.insert(0, Columns(normal.columns, normal.times + shift, normal.values))
    parts = [_long(table, names, metrics) for table in tables]
    calls = tuple((names.number(caller), names.number(callee)) for caller, callee in traffic.calls)
    time, entity, metric, value = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Recording(
        name=name,
        entities=names.all(),
        baseline_end=float(window.times[0]) if normal is not None else None,
        targets=(names.number(target),),
        calls=calls,
        samples=Samples(time, entity, metric, value, metrics.all()),
    )


def _traffic(folder: Path) -> Traffic:
    normal = folder / "noissue" / "metrics.csv"
    issues = {
        split: tuple(_issue(path) for path in sorted((folder / split).glob("*/target.json"), key=_number))
        for split in ("train", "test")
    }
    return Traffic(folder.name, _graph(folder / "graph.csv"), read_columns(normal) if normal.exists() else None, issues)


def _number(path: Path) -> tuple[int, str]:
    digits = "".join(filter(str.isdigit, path.parent.name))
    return (int(digits) if digits else 0, path.parent.name)


def _issue(path: Path) -> Issue:
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        target, root = str(said["target"]["node"]), str(said["root_cause"]["node"])
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidInputError(f"{path}: no target or root cause: {error}") from error
    return Issue(path.parent.name, read_columns(path.with_name("metrics.csv")), target, root)


def _graph(path: Path) -> tuple[tuple[str, str], ...]:
    rows = _rows(path)
    return tuple(
        (row[0], name) for row in rows[1:] for name, call in zip(rows[0][1:], row[1:], strict=True) if _value(call) > 0
    )


def read_columns(path: Path) -> Columns:
    """A table of metrics. Raises `InvalidInputError`."""
    rows = _rows(path)
    if len(rows) < HEAD or len({len(row) for row in rows[:HEAD]}) != 1:
        raise InvalidInputError(f"{path}, line 1: three rows of column names are needed")
    columns = tuple(
        (node, f"{metric} {what}") for node, metric, what in zip(*(row[1:] for row in rows[:HEAD]), strict=True)
    )
    times, values = [], []
    for line, row in enumerate(rows[HEAD:], HEAD + 1):
        if len(row) != len(columns) + 1:
            raise InvalidInputError(f"{path}, line {line}: {len(row)} fields instead of {len(columns) + 1}")
        if np.isfinite(_value(row[0])):
            times.append(_value(row[0]))
            values.append([_value(text) for text in row[1:]])
    order = np.argsort(times, kind="stable")
    return Columns(columns, np.array(times)[order], np.array(values).reshape(len(times), len(columns))[order])


def _rows(path: Path) -> list[list[str]]:
    try:
        with path.open(newline="", encoding="utf-8") as file:
            return [row for row in csv.reader(file) if row]
    except (OSError, csv.Error, UnicodeDecodeError) as error:
        raise InvalidInputError(f"{path}: {error}") from error


def _value(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def _long(table: Columns, names: Names, metrics: Names) -> tuple[FloatArray, IntArray, IntArray, FloatArray]:
    entity = names.numbers([node for node, _ in table.columns])
    metric = metrics.numbers([metric for _, metric in table.columns])
    row, column = np.nonzero(np.isfinite(table.values))
    return table.times[row], entity[column], metric[column], table.values[row, column]
