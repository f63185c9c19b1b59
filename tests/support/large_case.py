"""Writes a large case, to see how long `aiops diagnose` takes: `python -m tests.support.large_case DIR`.

50 entities with 20 metrics over an hour at 15 s, 100,000 log lines, 50,000 spans; the fault is in entity e7.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

START, SECONDS, STEP = 1_700_000_000.0, 3600.0, 15.0
ENTITIES, LINES, SPANS, PER_TRACE = 50, 100_000, 50_000, 10
METRICS = ("cpu", "memory", "latency_mean", "latency_p50", "latency_p99", "errors", "requests")
MORE = tuple(f"gauge_{number}" for number in range(13))


def write(folder: Path, *, logs: bool = True, traces: bool = True) -> None:
    """The case as files in `folder`."""
    rng = np.random.default_rng(7)
    folder.mkdir(parents=True, exist_ok=True)
    graph = ", ".join(f"[e{(callee - 1) // 3}, e{callee}]" for callee in range(1, ENTITIES))
    (folder / "case.yaml").write_text(f"name: large\nonset: {START + 2400}\ntarget: e0\ngraph: [{graph}]\n")
    (folder / "metrics.csv").write_text("time,entity,metric,value\n" + "\n".join(_metrics(rng)) + "\n")
    if logs:
        (folder / "logs.csv").write_text("time,entity,message\n" + "\n".join(_lines(rng)) + "\n")
    if traces:
        head = "trace_id,span_id,parent_id,entity,operation,start,duration,error\n"
        (folder / "traces.csv").write_text(head + "\n".join(_spans(rng)) + "\n")


def _metrics(rng: np.random.Generator) -> list[str]:
    rows = []
    for row in range(int(SECONDS / STEP)):
        values = rng.gamma(20, 0.05, (ENTITIES, len(METRICS + MORE)))
        if row * STEP > 2400:
            values[[0, 2, 7], 2:5] *= 3
            values[7, 0] *= 3
        for entity in range(ENTITIES):
            time = START + row * STEP
            rows += [f"{time},e{entity},{m},{v:.5f}" for m, v in zip(METRICS + MORE, values[entity], strict=True)]
    return rows


def _lines(rng: np.random.Generator) -> list[str]:
    entity, took, user = (rng.integers(0, high, LINES) for high in (ENTITIES, 1000, 10**6))
    return [
        f'{START + i * SECONDS / LINES:.3f},e{e},"{"GET" if i % 2 else "POST"} /api/items/{i} took {ms} ms, user {u}"'
        for i, (e, ms, u) in enumerate(zip(entity, took, user, strict=True))
    ]


def _spans(rng: np.random.Generator) -> list[str]:
    rows = []
    for i in range(SPANS):
        trace, depth = divmod(i, PER_TRACE)
        start = START + trace * SECONDS * PER_TRACE / SPANS + depth * 0.01
        parent = f"s{trace * PER_TRACE + int(rng.integers(0, depth))}" if depth else ""
        entity = int(rng.integers(1, ENTITIES)) if depth else 0
        rows.append(f"t{trace},s{i},{parent},e{entity},op{entity % 3},{start:.4f},{0.2 - 0.015 * depth:.4f},0")
    return rows


if __name__ == "__main__":
    write(Path(sys.argv[1]))
