"""Reads RCAEval's layout (Pham et al., "RCAEval: A Benchmark for Root Cause Analysis of Microservice Systems", 2024).

A case is a folder `<service>_<fault>/<run>` with `inject_time.txt` and metrics in wide form, one column
`<service>_<metric>` each: `data.csv` or `simple_data.csv` in RE1 and in the Sock Shop sets, `simple_metrics.csv` or
`metrics.csv` in RE2 and RE3, which have `logs.csv` and `traces.csv` as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from aiops.analysis.rootcause.from_recordings.recording import Lines, Recording, Samples, Spans
from aiops.core.errors import InvalidInputError
from aiops.core.telemetry import FloatArray
from aiops.evals.cases.names import Names
from aiops.evals.cases.spans import spans_of
from aiops.evals.cases.table import NOTHING, Table

INJECTED = "inject_time.txt"
METRICS = ("simple_metrics.csv", "simple_data.csv", "data.csv", "metrics.csv")
"""In this order: the tables with a few metrics of each service first, as the benchmark's own figures use them."""

MICROSECONDS = 1e6
GOOD = frozenset({*NOTHING, "0", "0.0", "200", "200.0", "OK", "Ok", "STATUS_CODE_OK", "STATUS_CODE_UNSET", "Unset"})
"""Status codes of spans (gRPC, HTTP, OpenTelemetry) that are no errors; HTTP's other 2xx and 3xx are none either."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run: `service` is the true root cause, `fault` what was injected."""

    folder: Path
    service: str
    fault: str


def runs(folder: Path) -> Iterator[Run]:
    """All runs below a folder, by name."""
    for marker in sorted(folder.glob(f"**/{INJECTED}")):
        service, _, fault = marker.parent.parent.name.rpartition("_")
        if service:
            yield Run(marker.parent, service, fault)


def read_run(run: Run, late: float = 0.0) -> Recording:
    """The case of a run, with an onset that is told `late` by some seconds. Raises `InvalidInputError`."""
    names = Names()
    samples = _samples(run.folder, names)
    lines, spans = run.folder / "logs.csv", run.folder / "traces.csv"
    return Recording(
        name="/".join(run.folder.parts[-2:]),
        onset=_injected(run.folder / INJECTED) + late,
        samples=samples,
        lines=_lines(lines, names) if lines.is_file() else None,
        spans=_spans(spans, names) if spans.is_file() else None,
        entities=names.all(),
    )


def _injected(path: Path) -> float:
    try:
        return float(path.read_text(encoding="utf-8").strip())
    except ValueError as error:
        raise InvalidInputError(f"{path}, line 1: no unix time") from error


def _samples(folder: Path, names: Names) -> Samples:
    path = next((folder / name for name in METRICS if (folder / name).is_file()), None)
    if path is None:
        raise InvalidInputError(f"{folder}: none of {', '.join(METRICS)}")
    table = Table(path, ("time",))
    columns = [name for name in dict.fromkeys(table.names) if "_" in name and not name.startswith("time")]
    metrics = Names()
    entity = names.numbers([name.partition("_")[0] for name in columns])
    metric = metrics.numbers([name.partition("_")[2] for name in columns])
    values = table.matrix(columns)
    row, column = np.nonzero(np.isfinite(values))
    return Samples(table.times("time")[row], entity[column], metric[column], values[row, column], metrics.all())


def _seconds(times: FloatArray) -> FloatArray:
    """Moments in seconds, whatever power of a thousand they were recorded in: they are of this century."""
    scale = 10 ** (3 * np.floor(np.log10(max(float(times.max(initial=1.0)), 1e9) / 1e9) / 3))
    return np.asarray(times / scale, dtype=float)


def _lines(path: Path, names: Names) -> Lines:
    table = Table(path, ("container_name", "message"))
    time = table.times("timestamp" if "timestamp" in table else "time")
    return Lines(_seconds(time), names.numbers(table.texts("container_name")), list(table.texts("message")))


def _spans(path: Path, names: Names) -> Spans:
    table = Table(path, ("traceID", "spanID", "serviceName", "operationName", "startTime", "duration", "parentSpanID"))
    codes = table.texts("statusCode") if "statusCode" in table else [""] * len(table)
    wrong = {code: not _good(code) for code in dict.fromkeys(codes)}
    return spans_of(
        ids=(table.texts("traceID"), table.texts("spanID"), table.texts("parentSpanID")),
        entity=names.numbers(table.texts("serviceName")),
        operation=table.texts("operationName"),
        start=_seconds(table.times("startTime")),
        duration=table.numbers("duration") / MICROSECONDS,
        error=np.array([wrong[code] for code in codes], dtype=bool),
    )


def _good(code: str) -> bool:
    return code in GOOD or (code[:1] in ("2", "3") and code[1:3].isdigit() and len(code.partition(".")[0]) == 3)
