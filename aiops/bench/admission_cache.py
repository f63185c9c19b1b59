"""Remembers which scenarios were admitted, as long as nothing that decides on it has changed."""

from __future__ import annotations

import hashlib
import inspect
import os
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

import orjson

import aiops
from aiops.bench.nofault.registry import NO_FAULTS
from aiops.bench.record import Admission
from aiops.bench.scenario import Kind, Scenario
from aiops.faults.registry import FAULTS

DECIDING = ("core", "clients", "lab", "faults", "bench")
"""Parts of the code that an admission follows from."""

ASIDE = {
    "bench": (
        *(
            "agents",
            "page",
            "portrait",
            "scorers",
            "serving",
            "suites",
            "aiopslab.py",
            "workbench.py",
            "safety.py",
            "privileges.py",
        ),
        *(
            "admitted.py",
            "calibration.py",
            "compare.py",
            "fitting.py",
            "line.py",
            "looking.py",
            "on_ray.py",
            "repeating.py",
            "report.py",
            "results.py",
            "sharing.py",
            "summary.py",
        ),
    ),
    "lab": ("exporters", "jaeger", "loki", "prometheus", "promql", "tsdb"),
}
"""What in them it does not follow from: how agents are played and told of, and what measures a world."""

SEVERAL = "several"
"""The family of faults that are made of others."""

KEPT = 4
"""States of the code whose admissions are kept."""


def default_folder() -> Path:
    """`$XDG_CACHE_HOME/aiops/bench`, by default below `~/.cache`."""
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "aiops" / "bench"


@cache
def code_hash() -> str:
    """A hash of every file that all admissions follow from."""
    root = Path(aiops.__file__).parent
    return _hash(path for part in DECIDING for path in _files((root / part).resolve(), ASIDE.get(part, ())))


@cache
def case_hash(kind: Kind, case: str) -> str:
    """A hash of the files that only the admissions of a case follow from: its own, or those of all faults where it is
    made of several."""
    if kind == "none":
        return _hash([_source(NO_FAULTS.get(case).function)])
    fault = FAULTS.get(case)
    return _hash(_source(each.function) for each in (FAULTS if fault.family == SEVERAL else [fault]))


def _files(folder: Path, aside: tuple[str, ...]) -> Iterator[Path]:
    """The sources below a folder but for what is aside and what belongs to single cases."""
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".py", ".yaml") and path.relative_to(folder).parts[0] not in aside and path not in _own():
            yield path


@cache
def _own() -> frozenset[Path]:
    """The files of single cases."""
    return frozenset(_source(each.function) for cases in (FAULTS, NO_FAULTS) for each in cases)


def _source(function: Callable[..., object]) -> Path:
    return Path(inspect.getfile(inspect.unwrap(function))).resolve()


def _hash(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


class AdmissionCache:
    """One file of JSON lines for each state of the code that all cases share. A line that was cut off is not read."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / f"admission-{code_hash()}.jsonl"
        self._known: dict[str, Admission] = {}
        folder.mkdir(parents=True, exist_ok=True)
        text = self._path.read_bytes() if self._path.exists() else b""
        for line in text[: text.rfind(b"\n") + 1].splitlines():
            entry = orjson.loads(line)
            self._known[entry["key"]] = Admission.model_validate(entry["admission"])
        self._forget(folder)

    def get(self, scenario: Scenario) -> Admission | None:
        """What was found of a scenario; None where it was not admitted yet by this state of the code."""
        return self._known.get(_key(scenario))

    def put(self, scenario: Scenario, admission: Admission) -> None:
        """Remember what was found of a scenario. The first finding stays."""
        if _key(scenario) in self._known:
            return
        self._known[_key(scenario)] = admission
        entry = {"key": _key(scenario), "admission": admission.model_dump(mode="json")}
        with self._path.open("ab") as file:
            file.write(orjson.dumps(entry) + b"\n")

    def _forget(self, folder: Path) -> None:
        files = sorted(folder.glob("admission-*.jsonl"), key=lambda path: path.stat().st_mtime, reverse=True)
        for old in files[KEPT:]:
            old.unlink(missing_ok=True)


def _key(scenario: Scenario) -> str:
    told = f"{case_hash(scenario.kind, scenario.case)} {scenario.model_dump_json()}"
    return hashlib.sha256(told.encode()).hexdigest()
