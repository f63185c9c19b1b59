"""Many cases side by side on the cores."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from aiops.core.errors import AiopsError, InvalidInputError
from aiops.evals.cases.diagnosis import diagnose

ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
"""For the workers: several cases with several threads each are slower than one after the other."""


def diagnose_all(folder: Path) -> Iterator[dict[str, Any]]:
    """What is said of each folder inside `folder`, in the order of their names.

    Of one that cannot be used there is the name and the `error`. Raises `InvalidInputError` where there is no folder.
    """
    if not folder.is_dir():
        raise InvalidInputError(f"{folder}: no such folder")
    cases = sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    workers = min(len(cases), os.cpu_count() or 1)
    if workers <= 1:
        yield from map(_one, cases)
        return
    for name, value in ONE_THREAD.items():
        os.environ.setdefault(name, value)
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(_one, cases)


def _one(case: Path) -> dict[str, Any]:
    try:
        return diagnose(case)
    except AiopsError as error:
        return {"case": case.name, "error": str(error)}
