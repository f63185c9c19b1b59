"""Runs in RCAEval's layout: metrics alone, and metrics with logs and traces."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from aiops.core.errors import InvalidInputError
from aiops.evals.cases.rcaeval import read_run, runs
from aiops.evals.running import run

SERVICES = ("carts", "front-end", "user-db")
INJECT = 1_700_000_400


def written(path: Path, rows: list[list[object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(rows)


def wide(folder: Path, name: str, service: str, fault: str) -> None:
    """Ten minutes at a second; from `INJECT` on one metric of one service is three times what it was."""
    rng = np.random.default_rng(1)
    columns = [f"{s}_{m}" for s in SERVICES for m in ("cpu", "mem", "latency-50")]
    rows: list[list[object]] = [["time", *columns]]
    for second in range(600):
        time = INJECT - 400 + second
        late = time >= INJECT
        rows.append([time, *(rng.gamma(40, 0.025) * (3 if late and c == f"{service}_{fault}" else 1) for c in columns)])
    written(folder / f"{service}_{fault}" / "1" / name, rows)
    (folder / f"{service}_{fault}" / "1" / "inject_time.txt").write_text(f"{INJECT}\n")


def test_metrics_alone(tmp_path: Path) -> None:
    wide(tmp_path, "data.csv", "carts", "cpu")
    wide(tmp_path, "data.csv", "user-db", "mem")
    found = run("sockshop", tmp_path)
    assert found["ours"]["top1"] == 1.0
    assert found["late"]["top1"] == 1.0
    assert set(found["by_fault"]) == {"cpu", "mem"}


def test_logs_and_traces(tmp_path: Path) -> None:
    wide(tmp_path, "simple_metrics.csv", "carts", "cpu")
    folder = tmp_path / "carts_cpu" / "1"
    written(folder / "metrics.csv", [["time", "x_y"], [1, 2]])
    written(
        folder / "logs.csv",
        [["time", "timestamp", "container_name", "message"], ["x", INJECT * 10**9, "carts", "hello, world"]],
    )
    head = [
        "time",
        "traceID",
        "spanID",
        "serviceName",
        "operationName",
        "startTime",
        "duration",
        "statusCode",
        "parentSpanID",
    ]
    written(
        folder / "traces.csv",
        [
            head,
            ["x", "t", "b", "carts", "get", INJECT * 10**6, 2000, "14", "a"],
            ["x", "t", "a", "front-end", "get", INJECT * 10**6, 5000, "0.0", ""],
        ],
    )
    (found,) = (read_run(each) for each in runs(tmp_path))
    assert found.entities == SERVICES
    assert found.lines is not None
    assert found.lines.time.tolist() == [INJECT]
    assert found.spans is not None
    assert found.spans.start.tolist() == [INJECT, INJECT]
    assert found.spans.duration.tolist() == [0.002, 0.005]
    assert found.spans.error.tolist() == [True, False]
    assert found.spans.parent.tolist() == [1, -1]
    assert run("rcaeval", tmp_path)["ours"]["top1"] == 1.0


def test_a_run_without_metrics_is_refused(tmp_path: Path) -> None:
    wide(tmp_path, "other.csv", "carts", "cpu")
    with pytest.raises(InvalidInputError, match=r"none of simple_metrics\.csv"):
        run("sockshop", tmp_path)
