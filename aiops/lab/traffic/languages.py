"""The log messages of each language's programs, and how a line is put together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiops.core.clock import rfc3339
from aiops.lab.apps.loader import read_data
from aiops.lab.traffic.process import LogEntry


class Phrases:
    """Templates by language and event. Events: `startup` (lines), `missing`, `invalid`, `access`, and for a failed
    call `refused`, `timeout`, `dropped`, `unresolved`, `denied`, `status`; `api`, `certificate_ends`,
    `certificate_names` for what belongs to no call."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._data = data

    @classmethod
    def load(cls) -> Phrases:
        return cls(read_data("languages"))

    def startup(self, language: str) -> list[str]:
        return list(self._data[language]["startup"])

    def problem(self, language: str, kind: str) -> str:
        return str(self._data[language].get(kind, self._data["other"][kind]))

    def access(self, language: str) -> str:
        """The template of an access line; empty where the language's programs write none."""
        return str(self._data[language].get("access", ""))

    def failure(self, language: str, kind: str) -> str:
        return str(self._data[language].get(kind, ""))

    def line(self, entry: LogEntry) -> str:
        """The text of an entry; a template writes its time as `{clock}` (RFC 3339), `{day}` (date and time),
        `{klog}` or `{weblog}`."""
        if not entry.values:
            return entry.template
        text = rfc3339(entry.time, micro=True)
        times = {"clock": text, "day": text[:-4].replace("T", " "), "klog": f"{text[5:7]}{text[8:10]} {text[11:26]}"}
        times["weblog"] = text[:19].replace("-", "/").replace("T", " ")
        return entry.template.format_map({**entry.values, **times})
