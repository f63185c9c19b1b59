"""Reads a recorded case from a folder: `case.yaml` and tables beside it, any of which may be missing."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import yaml

from aiops.analysis.rootcause.from_recordings.recording import (
    Lines,
    RecordedChange,
    RecordedEvent,
    Recording,
    Samples,
)
from aiops.core.entity import Manifest
from aiops.core.errors import InvalidInputError
from aiops.evals.cases.names import Names, members, workload
from aiops.evals.cases.spans import read_spans
from aiops.evals.cases.table import Table

T = TypeVar("T")

CASE = "case.yaml"
FORMS = ("gauge", "counter", "latency", "errors", "rate")


def read_case(folder: Path) -> Recording:
    """The case in `folder`. Raises `InvalidInputError` with the file, the line and the reason."""
    said = _case(folder / CASE)
    names = Names()
    kinds, notes = _kinds(said, folder / CASE)
    samples = _if_there(folder / "metrics.csv", lambda path: _samples(path, names, kinds))
    lines = _if_there(folder / "logs.csv", lambda path: _lines(path, names))
    spans = _if_there(folder / "traces.csv", lambda path: read_spans(path, names))
    changes = _if_there(folder / "changes.csv", lambda path: _changes(path, names)) or ()
    events = _if_there(folder / "events.csv", lambda path: _events(path, names)) or ()
    objects = _if_there(folder / "objects.yaml", _objects) or ()
    calls = _calls(said, names, folder / CASE)
    target = said.get("target")
    targets = [names.number(name) for name in members(str(target), names.all())] if target is not None else []
    workloads = Names()
    return Recording(
        name=str(said.get("name") or folder.name),
        entities=names.all(),
        onset=_moment(said, "onset", folder / CASE),
        baseline_end=_moment(said, "baseline_end", folder / CASE),
        targets=tuple(targets),
        workloads=tuple(workloads.numbers([workload(name) for name in names.all()]).tolist()),
        calls=calls,
        samples=samples,
        lines=lines,
        spans=spans,
        changes=changes,
        events=events,
        objects=objects,
        notes=notes,
    )


def _if_there(path: Path, read: Callable[[Path], T]) -> T | None:
    return read(path) if path.is_file() else None


def _yaml(path: Path) -> list[Any]:
    try:
        return list(
            yaml.load_all(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        )
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InvalidInputError(f"{path}, line {line}: {error.problem}") from error
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise InvalidInputError(f"{path}: {error}") from error


def _case(path: Path) -> dict[str, Any]:
    documents = _yaml(path)
    if len(documents) != 1 or not isinstance(documents[0], dict):
        raise InvalidInputError(f"{path}, line 1: one mapping with the name and the onset of the case is needed")
    return documents[0]


def _moment(said: dict[str, Any], key: str, path: Path) -> float | None:
    value = said.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise InvalidInputError(f"{path}: {key} is no unix time: {value!r}")
    return float(value)


def _kinds(said: dict[str, Any], path: Path) -> tuple[dict[str, str], tuple[str, ...]]:
    """What was declared of metrics, and a note on each kind that is none: its metric's name tells then."""
    kinds = said.get("kinds") or {}
    if not isinstance(kinds, dict):
        raise InvalidInputError(f"{path}: kinds is no mapping of metrics to kinds")
    unknown = [
        f"kind {kind!r} of {metric}, none of {', '.join(FORMS)}" for metric, kind in kinds.items() if kind not in FORMS
    ]
    return {str(metric): str(kind) for metric, kind in kinds.items() if kind in FORMS}, tuple(unknown)


def _calls(said: dict[str, Any], names: Names, path: Path) -> tuple[tuple[int, int], ...]:
    """The calls of the graph; an end that is a workload stands for its pods."""
    found = []
    graph = said.get("graph") or []
    if not isinstance(graph, list):
        raise InvalidInputError(f"{path}: graph is no list of [caller, callee]")
    for pair in graph:
        if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(end, str | int | float) for end in pair):
            raise InvalidInputError(f"{path}: graph: {pair!r} is not [caller, callee]")
        callers, callees = (members(str(end), names.all()) for end in pair)
        found += [(names.number(caller), names.number(callee)) for caller in callers for callee in callees]
    return tuple(found)


def _samples(path: Path, names: Names, declared: dict[str, str]) -> Samples:
    table = Table(path, ("time", "entity", "metric", "value"))
    metrics = Names()
    return Samples(
        time=table.times("time"),
        entity=names.numbers(table.texts("entity")),
        metric=metrics.numbers(table.texts("metric")),
        value=table.numbers("value"),
        names=metrics.all(),
        declared=declared,
    )


def _lines(path: Path, names: Names) -> Lines:
    table = Table(path, ("time", "entity", "message"))
    return Lines(table.times("time"), names.numbers(table.texts("entity")), list(table.texts("message")))


def _changes(path: Path, names: Names) -> tuple[RecordedChange, ...]:
    table = Table(path, ("time", "entity", "field", "old", "new"))
    entity = names.numbers(table.texts("entity")).tolist()
    rest = (table.texts(name) for name in ("field", "old", "new"))
    return tuple(map(RecordedChange, table.times("time").tolist(), entity, *rest))


def _events(path: Path, names: Names) -> tuple[RecordedEvent, ...]:
    table = Table(path, ("time", "entity", "type", "reason", "message"))
    entity = names.numbers(table.texts("entity")).tolist()
    rest = (table.texts(name) for name in ("type", "reason", "message"))
    return tuple(map(RecordedEvent, table.times("time").tolist(), entity, *rest))


def _objects(path: Path) -> tuple[Manifest, ...]:
    """Kubernetes objects; a List stands for its items."""
    found: list[Manifest] = []
    for number, document in enumerate(_yaml(path), 1):
        items = document.get("items") if isinstance(document, dict) and "items" in document else [document]
        for item in items or []:
            if item is None:
                continue
            if not isinstance(item, dict) or "kind" not in item or "name" not in (item.get("metadata") or {}):
                raise InvalidInputError(f"{path}: document {number} is no Kubernetes object")
            found.append(item)
    return tuple(found)


def empty(recording: Recording) -> bool:
    """Is there nothing at all to look at?"""
    tables = (recording.samples, recording.lines, recording.spans)
    measured = any(table is not None and np.size(table.entity) for table in tables)
    return not (measured or recording.changes or recording.events or recording.objects)
