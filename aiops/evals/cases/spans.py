"""Spans from a table to columns."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from aiops.analysis.rootcause.from_recordings.recording import Spans
from aiops.core.telemetry import FloatArray
from aiops.evals.cases.names import Names
from aiops.evals.cases.table import Table


def read_spans(path: Path, names: Names) -> Spans:
    """The spans of a file in the case format."""
    table = Table(path, ("trace_id", "span_id", "parent_id", "entity", "operation", "start", "duration", "error"))
    error = table.numbers("error") > 0
    return spans_of(
        ids=(table.texts("trace_id"), table.texts("span_id"), table.texts("parent_id")),
        entity=names.numbers(table.texts("entity")),
        operation=table.texts("operation"),
        start=table.times("start"),
        duration=table.numbers("duration"),
        error=error,
    )


def spans_of(
    ids: tuple[Sequence[str], Sequence[str], Sequence[str]],
    entity: npt.NDArray[np.int64],
    operation: Sequence[str],
    start: FloatArray,
    duration: FloatArray,
    error: npt.NDArray[np.bool_],
) -> Spans:
    """Spans with the index of each one's parent. `ids` are the trace's, the span's and its parent's.

    A span that was recorded twice counts once; a negative or unknown duration is none.
    """
    keys = list(map("{}\0{}".format, ids[0], ids[1]))
    first = dict(zip(reversed(keys), range(len(keys) - 1, -1, -1), strict=True))
    kept = np.sort(np.array(list(first.values()), dtype=np.int64))
    place = np.full(len(keys) + 1, -1, dtype=np.int64)
    place[kept] = np.arange(len(kept))
    above = map("{}\0{}".format, ids[0], ids[2])
    parent = place[np.array([first.get(key, -1) for key in above], dtype=np.int64)[kept]]
    operations = Names()
    number = operations.numbers(operation)
    return Spans(
        entity=entity[kept],
        parent=np.where(parent == np.arange(len(kept)), -1, parent),
        operation=number[kept],
        start=start[kept],
        duration=np.maximum(np.nan_to_num(duration[kept]), 0.0),
        error=error[kept],
    )
