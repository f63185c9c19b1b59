"""Recordings of a made-up shop with a fault in it, drawn by a seed: for tests of readers and of localization.

It is no simulator of the lab's kind: requests walk a tree of calls, and metrics, logs and spans follow from what the
requests met. So it can stand for systems that are not ours.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import yaml

FAULTS = ("cpu", "memory", "disk", "delay", "errors", "silent")
STEP = 15.0
START = 1_700_000_000.0


@dataclass
class Shop:
    """`calls` are (caller, callee) by service number; `pods` of each service; times in seconds."""

    services: int
    calls: list[tuple[int, int]]
    pods: list[int]
    own: np.ndarray
    network: float = 0.002

    def name(self, service: int, pod: int) -> str:
        return f"s{service}" if self.pods[service] == 1 else f"s{service}/p{service}-{pod}"

    def entities(self) -> list[tuple[int, int]]:
        return [(s, p) for s in range(self.services) for p in range(self.pods[s])]


@dataclass
class Case:
    """Rows of each table, as the case format has them, and the truth."""

    root: str
    said: dict[str, Any]
    metrics: list[tuple[Any, ...]] = field(default_factory=list)
    logs: list[tuple[Any, ...]] = field(default_factory=list)
    traces: list[tuple[Any, ...]] = field(default_factory=list)
    changes: list[tuple[Any, ...]] = field(default_factory=list)

    def write(self, folder: Path) -> Path:
        """The case as a folder; empty tables are left out."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "case.yaml").write_text(yaml.safe_dump(self.said))
        for name, head, rows in (
            ("metrics", "time,entity,metric,value", self.metrics),
            ("logs", "time,entity,message", self.logs),
            ("traces", "trace_id,span_id,parent_id,entity,operation,start,duration,error", self.traces),
            ("changes", "time,entity,field,old,new", self.changes),
        ):
            if rows:
                with (folder / f"{name}.csv").open("w", newline="") as file:
                    writer = csv.writer(file)
                    writer.writerow(head.split(","))
                    writer.writerows(rows)
        return folder


def shop(rng: np.random.Generator, services: int = 9, most_pods: int = 1) -> Shop:
    """A tree of calls below service 0, with a few calls more."""
    calls = [(int(rng.integers(max(0, s - 4), s)), s) for s in range(1, services)]
    for _ in range(services // 4):
        a, b = sorted(rng.choice(services, 2, replace=False).tolist())
        if (a, b) not in calls:
            calls.append((a, b))
    pods = [int(rng.integers(1, most_pods + 1)) for _ in range(services)]
    return Shop(services, calls, pods, rng.uniform(0.003, 0.03, services))


@dataclass
class Trouble:
    """The fault at one pod: from `at` on."""

    kind: str
    service: int
    pod: int
    at: float
    size: float

    def hits(self, service: int, pod: int, moment: float) -> bool:
        return self.kind != "none" and (service, pod) == (self.service, self.pod) and moment >= self.at


def record(
    seed: int,
    kind: str = "cpu",
    *,
    services: int = 9,
    most_pods: int = 1,
    minutes: float = 40,
    late: float = 0.0,
    requests: float = 1.0,
    client_spans: bool = True,
) -> Case:
    """One case. `kind` is one of `FAULTS` or none; the onset that is told is `late` by some seconds; `requests` are
    traced a second."""
    rng = np.random.default_rng(seed)
    made = shop(rng, services, most_pods)
    seconds = minutes * 60
    at = START + seconds * float(rng.uniform(0.55, 0.7))
    where = int(rng.integers(1, services))
    trouble = Trouble(kind, where, int(rng.integers(made.pods[where])), at, float(rng.uniform(1.0, 3.0)))
    case = Case(
        root=made.name(trouble.service, trouble.pod),
        said={"name": f"case-{seed}", "onset": at + late, "target": "s0"},
    )
    tally = _walk(rng, made, trouble, case, seconds, requests, client_spans)
    _measure(rng, made, trouble, case, tally, seconds)
    return case


Tally = dict[tuple[int, int], list[tuple[float, float, bool]]]


def _walk(
    rng: np.random.Generator, made: Shop, trouble: Trouble, case: Case, seconds: float, rate: float, client: bool
) -> Tally:
    """All requests: spans and log lines, and (moment, duration, failed) of each entity's answers."""
    tally: Tally = {entity: [] for entity in made.entities()}
    callees: dict[int, list[int]] = {}
    for caller, callee in made.calls:
        callees.setdefault(caller, []).append(callee)
    number = 0

    def visit(service: int, moment: float, trace: str, parent: str) -> tuple[float, bool]:
        nonlocal number
        number += 1
        span = f"x{number}"
        pod = int(rng.integers(made.pods[service]))
        name = made.name(service, pod)
        hit = trouble.hits(service, pod, moment)
        own = float(made.own[service] * rng.gamma(8, 1 / 8))
        if hit and trouble.kind in ("cpu", "disk", "memory"):
            own *= 1 + {"cpu": 2.0, "disk": 1.5, "memory": 0.8}[trouble.kind] * trouble.size
        failed = hit and trouble.kind == "errors" and rng.random() < 0.25 * trouble.size
        row = len(case.traces)
        case.traces.append(())
        spent = own
        for callee in [] if failed else callees.get(service, []):
            number += 1
            call = f"x{number}"
            call_row = len(case.traces)
            if client:
                case.traces.append(())
            slow = trouble.kind == "delay" and (hit or (callee == trouble.service and moment >= trouble.at))
            way = made.network * float(rng.gamma(4, 1 / 4)) + (0.05 * trouble.size if slow else 0.0)
            lost = (
                trouble.kind == "silent" and callee == trouble.service and moment >= trouble.at and rng.random() < 0.5
            )
            took, bad = (
                (2.0, True) if lost else visit(callee, moment + spent + way / 2, trace, call if client else span)
            )
            if client:
                case.traces[call_row] = (
                    trace,
                    call,
                    span,
                    name,
                    f"call {callee}",
                    moment + spent,
                    took + way,
                    int(bad),
                )
            spent += took + way
            if bad and rng.random() < 0.9:
                failed = True
                case.logs.append((moment, name, f"ERROR call to backend failed after {took * 1000:.0f} ms"))
        case.traces[row] = (trace, span, parent, name, f"op{service}", moment, spent, int(failed))
        tally[service, pod].append((moment, spent, failed))
        case.logs.append((moment, name, f"INFO handled request {number} in {spent * 1000:.1f} ms"))
        if failed and hit:
            case.logs.append((moment, name, f"ERROR NullPointerException in handler {number} java.lang.Thread.run"))
        return spent, failed

    moment, trace = START, 0
    while moment < START + seconds:
        trace += 1
        visit(0, moment, f"t{trace}", "")
        moment += float(rng.exponential(1 / rate))
    return tally


def _measure(rng: np.random.Generator, made: Shop, trouble: Trouble, case: Case, tally: Tally, seconds: float) -> None:
    """Metrics of each entity at each step."""
    rows = int(seconds / STEP)
    for (service, pod), answers in tally.items():
        name = made.name(service, pod)
        base = rng.uniform(0.1, 0.5), rng.uniform(1e8, 5e8), rng.uniform(5, 50)
        moments = np.array([a[0] for a in answers])
        index = np.minimum(((moments - START) / STEP).astype(int), rows - 1)
        wander = np.cumsum(rng.normal(0, 0.01, rows))
        for row in range(rows):
            time = START + (row + 1) * STEP
            mine = [answers[i] for i in np.flatnonzero(index == row)]
            hit = trouble.hits(service, pod, time - STEP / 2)
            grown = (time - trouble.at) / 300 if hit and trouble.kind == "memory" else 0.0
            cpu = (
                base[0]
                * (1 + 0.03 * len(mine) + rng.normal(0, 0.1))
                * (1 + (2 * trouble.size if hit and trouble.kind == "cpu" else 0))
            )
            values = {
                "cpu": max(cpu, 0.0),
                "mem": base[1] * (1 + wander[row] + grown * trouble.size),
                "diskio": base[2]
                * rng.gamma(3, 1 / 3)
                * (1 + (4 * trouble.size if hit and trouble.kind == "disk" else 0)),
                "workload": len(mine) / STEP,
                "error": sum(a[2] for a in mine) / STEP,
            }
            if mine:
                values["latency-50"] = float(np.median([a[1] for a in mine]))
                values["latency-90"] = float(np.quantile([a[1] for a in mine], 0.9))
            case.metrics += [(time, name, metric, value) for metric, value in values.items()]
