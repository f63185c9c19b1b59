"""Log templates against the corrected templates of public logs (Zhu et al., "Loghub: A Large Collection of System Log
Datasets for AI-driven Log Analytics", ISSRE 2023; corrections of Khan et al., ICSE 2022)."""

from __future__ import annotations

import csv
import random
import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiops.analysis.logs.templates import parse
from aiops.core.clock import cpu_seconds
from aiops.core.errors import InvalidInputError
from aiops.evals.registry import Report, evaluation

COLUMNS = ("Content", "EventId", "EventTemplate")
SUFFIX = "_structured_corrected.csv"
ROUNDS = 3
"""Times that each system is parsed; the least CPU time counts, which is the one that other work disturbed least."""

PUBLISHED: dict[str, dict[str, Any]] = {
    "published": {"grouping_accuracy": 0.85, "parsing_accuracy": 0.32},
    "drain3": {"grouping_accuracy": 0.92, "parsing_accuracy": 0.51, "lines_per_second": 270_000},
    "drain3_masked": {"parsing_accuracy": 0.63, "lines_per_second": 95_000},
}
"""`published` is Drain on 2,000 lines of each of 16 systems; drain3 was run on these six, with its defaults and with
five masks before it."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """The lines of one system: messages without their headers, the event of each, and its template."""

    name: str
    messages: tuple[str, ...]
    events: tuple[str, ...]
    templates: tuple[str, ...]


@evaluation("https://github.com/logpai/loghub", files=(f"**/*{SUFFIX}",))
def loghub(folder: Path) -> Report:
    """Log templates: how many lines get the right group and the right template, and how fast."""
    systems = [read(path) for path in sorted(folder.glob(f"**/*{SUFFIX}"))]
    found = {system.name: _figures(system, _templates) for system in systems}
    seconds = [_seconds(system) for system in systems]
    lines = sum(len(system.messages) for system in systems)
    ours = {**_mean(found.values()), "systems": len(systems), "lines_per_second": round(lines / sum(seconds))}
    draw = random.Random(0)
    return Report(
        ours=ours,
        beside={
            **PUBLISHED,
            "naive": _mean(_figures(system, _numbers_masked) for system in systems),
            "random": _mean(_figures(system, lambda messages: _at_random(messages, draw)) for system in systems),
        },
        detail={
            "by_system": {
                name: {**figures, "lines_per_second": round(len(system.messages) / cpu)}
                for (name, figures), system, cpu in zip(found.items(), systems, seconds, strict=True)
            },
        },
    )


def read(path: Path) -> Labelled:
    """One system's file. Raises `InvalidInputError` where a column is missing."""
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        reader = csv.DictReader(file)
        missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
        if missing:
            raise InvalidInputError(f"{path} has no column {' or '.join(missing)}")
        rows = [tuple(row[name] or "" for name in COLUMNS) for row in reader]
    if not rows:
        raise InvalidInputError(f"{path} holds no lines")
    messages, events, templates = zip(*rows, strict=True)
    return Labelled(path.name.removesuffix(SUFFIX).removesuffix(".log"), messages, events, templates)


def grouping_accuracy(found: Sequence[Hashable], expected: Sequence[Hashable]) -> float:
    """Share of lines whose group holds exactly the lines of one event (the benchmark's definition)."""
    right = set(_groups(expected))
    return sum(len(group) for group in _groups(found) if group in right) / len(expected)


def parsing_accuracy(found: Sequence[str], expected: Sequence[str]) -> float:
    """Share of lines whose template is the expected one, character by character but for runs of white space."""
    return sum(" ".join(a.split()) == " ".join(b.split()) for a, b in zip(found, expected, strict=True)) / len(expected)


def _groups(labels: Sequence[Hashable]) -> list[tuple[int, ...]]:
    lines: dict[Hashable, list[int]] = defaultdict(list)
    for index, label in enumerate(labels):
        lines[label].append(index)
    return [tuple(found) for found in lines.values()]


def _figures(system: Labelled, parser: Callable[[Sequence[str]], list[str]]) -> dict[str, float]:
    """Events are what the benchmark groups by; some have one template after its correction, so that is told too."""
    found = parser(system.messages)
    return {
        "grouping_accuracy": grouping_accuracy(found, system.events),
        "grouping_accuracy_by_template": grouping_accuracy(found, system.templates),
        "parsing_accuracy": parsing_accuracy(found, system.templates),
    }


def _mean(every: Iterable[dict[str, float]]) -> dict[str, Any]:
    columns: dict[str, list[float]] = defaultdict(list)
    for figures in every:
        for name, value in figures.items():
            columns[name].append(value)
    return {name: sum(values) / len(values) for name, values in columns.items()}


def _seconds(system: Labelled) -> float:
    """CPU seconds that one system takes."""

    def once() -> float:
        before = cpu_seconds()
        parse(system.messages)
        return cpu_seconds() - before

    return min(once() for _ in range(ROUNDS))


def _templates(messages: Sequence[str]) -> list[str]:
    parsed = parse(messages)
    return [parsed.templates[index] for index in parsed.assignment]


def _numbers_masked(messages: Sequence[str]) -> list[str]:
    """The naive parser: words with a digit are holes, and that is all."""
    return [" ".join(re.sub(r"\S*[0-9]\S*", "<*>", message).split()) for message in messages]


def _at_random(messages: Sequence[str], draw: random.Random) -> list[str]:
    """Each line gets the template of another one."""
    found = _templates(messages)
    draw.shuffle(found)
    return found
