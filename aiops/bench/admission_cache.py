"""Remembers which scenarios were admitted, as long as nothing that decides on it has changed."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import orjson

import aiops
from aiops.bench.record import Admission
from aiops.bench.scenario import Scenario

DECIDING = ("core", "clients", "lab", "faults", "bench")
"""Parts of the code that an admission follows from."""

KEPT = 4
"""States of the code whose admissions are kept."""


def default_folder() -> Path:
    """`$XDG_CACHE_HOME/aiops/bench`, by default below `~/.cache`."""
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "aiops" / "bench"


def code_hash() -> str:
    """A hash of every file that an admission follows from."""
    root = Path(aiops.__file__).parent
    digest = hashlib.sha256()
    for part in DECIDING:
        for path in sorted((root / part).resolve().rglob("*")):
            if path.suffix in (".py", ".yaml") and "agents" not in path.relative_to((root / part).resolve()).parts:
                digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


class AdmissionCache:
    """One file of JSON lines for each state of the code. A line that a crash cut off is not read."""

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
    return hashlib.sha256(scenario.model_dump_json().encode()).hexdigest()
