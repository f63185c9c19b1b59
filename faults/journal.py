"""The journal of injections: what is about to be changed, on disk before it is changed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import orjson

from aiops.core.disturbance import Disturbance
from aiops.core.entity import Entity, Manifest
from aiops.core.errors import InvalidInputError, UnknownNameError

_FIELDS = {
    "begin": {"injection", "fault"},
    "read": {"injection", "entity", "before"},
    "intent": {"injection", "entity", "before"},
    "disturb": {"injection", "id", "disturbance"},
    "reverted": {"injection"},
}
"""What a line of each event holds."""


class InjectionJournal:
    """An append-only file of JSON lines. A line that a crash cut off was not acted upon and is dropped."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def begin(self, fault: str) -> str:
        """Start an injection and give it an id."""
        injection = f"{fault}-{len(self._begun()) + 1}"
        self._append({"event": "begin", "injection": injection, "fault": fault})
        return injection

    def intend(self, injection: str, entity: Entity, before: Manifest | None) -> None:
        """Record an object as it is now (None: it does not exist), before it is written."""
        self._append({"event": "intent", "injection": injection, "entity": str(entity), "before": before})

    def read(self, injection: str, entity: Entity, present: Manifest) -> None:
        """Record an object as an injection saw it: what is right is told by it, and it is not put back."""
        self._append({"event": "read", "injection": injection, "entity": str(entity), "before": present})

    def disturb(self, injection: str, disturbance_id: str, disturbance: Disturbance) -> None:
        """Record a disturbance before it begins."""
        what = disturbance.model_dump(mode="json")
        self._append({"event": "disturb", "injection": injection, "id": disturbance_id, "disturbance": what})

    def disturbances(self, injection: str) -> list[str]:
        """The ids of the disturbances that the injection may have begun, in their order.

        Raises `UnknownNameError`.
        """
        return [entry["id"] for entry in self._of(injection) if entry["event"] == "disturb"]

    def reverted(self, injection: str) -> None:
        """Record that an injection has been taken back."""
        self._append({"event": "reverted", "injection": injection})

    def is_reverted(self, injection: str) -> bool:
        """Whether an injection has been taken back. Raises `UnknownNameError`."""
        return any(entry["event"] == "reverted" for entry in self._of(injection))

    def originals(self, injection: str) -> list[tuple[Entity, Manifest | None]]:
        """Every object that the injection may have written, as it was before its first write; the newest first.

        Raises `UnknownNameError`.
        """
        return list(reversed(self._first(injection, "intent")))

    def before(self, injection: str) -> dict[Entity, Manifest | None]:
        """Every object that the injection read or may have written, as it was when the injection met it first.

        Raises `UnknownNameError`.
        """
        return dict(self._first(injection, "read", "intent"))

    def built_on(self, injection: str) -> str | None:
        """A later injection that wrote one of the same objects and was not taken back; None where there is none."""
        entities = {str(entity) for entity, _ in self.originals(injection)}
        begun = self._begun()
        for later in reversed(begun[begun.index(injection) + 1 :]):
            theirs = {str(entity) for entity, _ in self.originals(later)}
            if entities & theirs and not self.is_reverted(later):
                return later
        return None

    def _first(self, injection: str, *events: str) -> list[tuple[Entity, Manifest | None]]:
        """The first state of every object in lines of these events, in their order."""
        first: dict[str, Manifest | None] = {}
        for entry in self._of(injection):
            if entry["event"] in events:
                first.setdefault(entry["entity"], entry["before"])
        return [(Entity.parse(text), before) for text, before in first.items()]

    def injections(self) -> list[tuple[str, str, bool]]:
        """Every injection with its fault, oldest first, and whether it was taken back."""
        entries = self._entries()
        back = {entry["injection"] for entry in entries if entry["event"] == "reverted"}
        begun = [entry for entry in entries if entry["event"] == "begin"]
        return [(entry["injection"], entry["fault"], entry["injection"] in back) for entry in begun]

    def _of(self, injection: str) -> list[dict[str, Any]]:
        begun = self._begun()
        if injection not in begun:
            raise UnknownNameError("injection", injection, begun)
        return [entry for entry in self._entries() if entry["injection"] == injection]

    def _begun(self) -> list[str]:
        return [entry["injection"] for entry in self._entries() if entry["event"] == "begin"]

    def _entries(self) -> list[dict[str, Any]]:
        entries = []
        for number, line in enumerate(self._whole_lines(), start=1):
            try:
                entry = orjson.loads(line)
            except orjson.JSONDecodeError as error:
                raise InvalidInputError(f"{self._path}, line {number}: not JSON: {error}") from error
            if not isinstance(entry, dict) or not _FIELDS.get(str(entry.get("event")), {"?"}) <= entry.keys():
                raise InvalidInputError(f"{self._path}, line {number}: not a line of a journal of injections")
            entries.append(entry)
        return entries

    def _whole_lines(self) -> list[bytes]:
        text = self._path.read_bytes() if self._path.exists() else b""
        return text[: text.rfind(b"\n") + 1].splitlines()

    def _append(self, entry: dict[str, Any]) -> None:
        """Write a line and wait until it is on disk; a cut-off line before it is removed."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)  # it may hold a Secret
        with os.fdopen(descriptor, "ab+") as file:
            file.seek(0)
            file.truncate(file.read().rfind(b"\n") + 1)
            file.write(orjson.dumps(entry) + b"\n")
            file.flush()
            os.fsync(file.fileno())
