"""Evaluations on public data sets by name: one file, one decorated function, one data set."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiops.core.registry import Registry, summary_of

Figures = Mapping[str, Any]
"""Named figures, such as `top1`: numbers fit for JSON; a share is in 0..1."""


@dataclass(frozen=True, slots=True)
class Report:
    """What an evaluation measured.

    `ours` are the figures that are claimed; `beside` are those of others, by name (`published`, `random`, `naive`);
    `detail` are further tables, by name (figures by group, settings, notes on how figures were made).
    """

    ours: Figures
    beside: Mapping[str, Figures] = field(default_factory=dict)
    detail: Mapping[str, Any] = field(default_factory=dict)


EvaluationFunction = Callable[[Path], Report]
"""Folder of the data set -> figures. Raises `InvalidInputError` where the folder holds something else."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A data set, and what we measure on it. `published_at` tells people where to get it; the function reads the files
    that `files` (glob patterns below the folder) match, and no others."""

    name: str
    summary: str
    published_at: str
    files: tuple[str, ...]
    function: EvaluationFunction


EVALUATIONS: Registry[Evaluation] = Registry("evaluation", "aiops.evals")


def evaluation(published_at: str, files: tuple[str, ...]) -> Callable[[EvaluationFunction], EvaluationFunction]:
    """Register an evaluation under its function's name."""

    def register(function: EvaluationFunction) -> EvaluationFunction:
        name = function.__name__
        EVALUATIONS.add(name, Evaluation(name, summary_of(function), published_at, files, function))
        return function

    return register
