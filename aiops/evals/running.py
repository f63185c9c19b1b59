"""Runs an evaluation on a folder, and says which data it read."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from aiops.core.clock import cpu_seconds
from aiops.core.errors import InvalidInputError
from aiops.evals.registry import EVALUATIONS, Evaluation

DIGITS = 16
"""Hexadecimal digits of a data version."""


def run(name: str, folder: Path) -> dict[str, Any]:
    """Run an evaluation; one object fit for JSON, `ours` in it, with the data's version and the CPU seconds spent.

    Raises `UnknownNameError`, and `InvalidInputError` where the data are not in the folder.
    """
    chosen = EVALUATIONS.get(name)
    files = _files(chosen, folder)
    before = cpu_seconds()
    report = chosen.function(folder)
    return {
        "eval": name,
        "data": {"published_at": chosen.published_at, "files": len(files), "version": version(folder, files)},
        "cpu_seconds": round(cpu_seconds() - before, 2),
        "ours": dict(report.ours),
        **{key: dict(figures) for key, figures in report.beside.items()},
        **report.detail,
    }


def version(folder: Path, files: Sequence[Path]) -> str:
    """A hash of names (below the folder) and contents of `files`: what a figure was measured on."""
    digest = hashlib.sha256()
    for path in files:
        digest.update(str(path.relative_to(folder)).encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:DIGITS]


def _files(chosen: Evaluation, folder: Path) -> list[Path]:
    found = sorted({path for pattern in chosen.files for path in folder.glob(pattern) if path.is_file()})
    if not found:
        raise InvalidInputError(
            f"{folder} holds no {' or '.join(chosen.files)}: get the data set from {chosen.published_at}"
        )
    return found
