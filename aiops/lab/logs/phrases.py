"""What the programs of each runtime say, read from one file a runtime."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Literal

import yaml

from aiops.lab.logs.entries import LogEntry, Stream
from aiops.lab.logs.wording import line

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_FALLBACK = "other"
_FOLDER = "phrases"

FAILURES = (
    "refused", "dropped", "unresolved", "denied", "reset", "timeout", "pool_timeout", "circuit_open", "status",
    "too_many", "not_allowed", "disk_full", "lock_timeout",
)  # fmt: skip
"""Events of a call that failed, as its client reports them. `dropped`: no connection in time; `timeout`: no answer in
time; `denied`: wrong credentials; `reset`: the server ends the connection at once; `status`: the callee answered with
an error; `pool_timeout`: no connection of the pool was free in time; `circuit_open`: the client's own breaker let no
call through; `too_many`: the store has as many connections as it may have; `not_allowed`, `disk_full` and
`lock_timeout`: errors of a store."""

REFUSALS = ("refused_user", "refused_credentials", "refused_plaintext", "refused_clock")
"""Events of a server that does not take a client."""

ANSWERS = ("answer_user", "answer_credentials", "answer_plaintext", "answer_clock", "answer_forbidden", "answer_io")
"""What a store answers to a client that it does not take, to one that may not do what it asks for, and where its disk
fails: words that the client's library passes on."""


@dataclass(frozen=True, slots=True)
class Background:
    """A statement that no request reaches: `every` so many seconds, or else at random, `per_hour` times; a `collection`
    whenever the garbage collector has run. With `disk` it is only said where the disk is slow, or where it is not."""

    text: str
    stream: Stream
    every: float = 0.0
    per_hour: float = 0.0
    collection: bool = False
    disk: Literal["", "fine", "slow"] = ""


@dataclass(frozen=True, slots=True)
class Phrasebook:
    """One runtime's templates by event; a template that is not there is empty."""

    texts: Mapping[str, str]
    startup: tuple[str, ...]
    stopping: tuple[str, ...]
    background: tuple[Background, ...]
    stderr: frozenset[str]
    slow_seconds: float | None
    """Where it is set, requests that take less leave no line."""

    def stream(self, event: str) -> Stream:
        """Where the runtime writes what belongs to an event."""
        return "stderr" if event in self.stderr or "all" in self.stderr else "stdout"


class Phrases:
    """Phrasebooks by language, read when first asked for. A language that has none speaks like `other`.

    Events: `startup` and `stopping` (several lines), `missing` and `invalid` (a setting), `flag` (an argument that is
    not known), `format` (an executable for other processors), `files` (too few may be open), `access` and
    `access_failed`, `message` and `message_failed` (of a queue), `exception` (an error of the program's own) and
    `exception_schema` (one about a column that its store has not), `exception_protocol` (one about an answer of another
    version), `exception_io` (a store's, about its disk), `heap` (its last words where the heap is used up); `FAILURES`,
    `answered` (a store's own words, which stand for `answer`) and `implausible` (an answer that cannot be right); a
    store's words `locked`, `full`, `forbidden` (a user may not do that), `corrupt` (a page that it cannot trust), and
    those of `REFUSALS`; `ANSWERS`, which its clients pass on; `api`, `certificate_ends`, `certificate_names` for what
    belongs to no call."""

    def __init__(self) -> None:
        self._books: dict[str, Phrasebook] = {}

    def of(self, language: str) -> Phrasebook:
        if language not in self._books:
            self._books[language] = _read(language if language in languages() else _FALLBACK)
        return self._books[language]

    def startup(self, language: str) -> list[str]:
        return list(self.of(language).startup)

    def problem(self, language: str, kind: str) -> str:
        return self.text(language, kind) or self.text(_FALLBACK, kind)

    def text(self, language: str, event: str) -> str:
        """The template of an event; empty where programs of the language write nothing."""
        return self.of(language).texts.get(event, "")

    def entry(self, language: str, event: str, time: float, values: Mapping[str, Any], ahead: float = 0.0) -> LogEntry:
        """An event that happened once; `values` must not be empty."""
        return LogEntry(time, self.text(language, event), values, self.of(language).stream(event), ahead)

    def line(self, entry: LogEntry) -> str:
        """The text of an entry, with its line breaks."""
        if not entry.values:
            return entry.template
        return line(entry.template, entry.values, entry.time + entry.ahead, hash_of(entry))


def hash_of(entry: LogEntry) -> int:
    """A key for the values that nobody gave: the moment, which no two entries of a process share, in nanoseconds."""
    return round(entry.time * 1e9)


def languages() -> list[str]:
    """The languages that have a phrasebook, by name."""
    folder = files("aiops.lab.logs").joinpath(_FOLDER)
    return sorted(f.name.removesuffix(".yaml") for f in folder.iterdir() if f.name.endswith(".yaml"))


def _read(language: str) -> Phrasebook:
    text = files("aiops.lab.logs").joinpath(_FOLDER, f"{language}.yaml").read_text("utf-8")
    data: dict[str, Any] = yaml.load(text, Loader=_LOADER)  # noqa: S506 - a safe loader either way
    stderr = frozenset(data.pop("stderr", ()))
    startup, stopping = tuple(data.pop("startup", ())), tuple(data.pop("stopping", ()))
    slow = data.pop("slow_seconds", None)
    stream: Stream = "stderr" if "all" in stderr or "background" in stderr else "stdout"
    background = tuple(Background(stream=stream, **item) for item in data.pop("background", ()))
    return Phrasebook(data, startup, stopping, background, stderr, slow)
