"""A line of a log before anybody has read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

Stream = Literal["stdout", "stderr"]


@dataclass(frozen=True, slots=True)
class LogEntry:
    """A template with its values, at a moment (unix seconds). Without values the template is the text. `ahead` is by
    how many seconds the clock is wrong that the process reads."""

    time: float
    template: str
    values: Mapping[str, Any] = field(default_factory=dict)
    stream: Stream = "stdout"
    ahead: float = 0.0


class Written(NamedTuple):
    """One line as the container runtime got it: unix seconds, where it was written to, the text without its end."""

    time: float
    stream: Stream
    text: str


@dataclass(frozen=True, slots=True)
class LogStream:
    """What a container of a pod writes, as a collector on its node knows it. `container_id` is that of one run."""

    container_id: str
    namespace: str
    pod: str
    container: str
    app: str
    node: str
