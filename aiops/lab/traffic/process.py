"""One process in a container: what it is, when it listens, how it ended."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from aiops.lab.apps.loader import calls_of
from aiops.lab.apps.model import Program
from aiops.lab.ports import ContainerStart, ProcessStatus

LOG_LINES = 2000
"""How many lines of a container's log are kept."""


@dataclass(frozen=True, slots=True)
class LogEntry:
    """A line of a log, put together when somebody reads it."""

    time: float
    template: str
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Process:
    """A process from its container's start to its end. Identity is the container's id."""

    container: ContainerStart
    name: str
    program: Program
    listens_at: float
    ends_at: float | None = None
    exit_code: int = 0
    reason: str = ""
    log: deque[LogEntry] = field(default_factory=lambda: deque(maxlen=LOG_LINES))

    @property
    def namespace(self) -> str:
        return str(self.container.pod["metadata"].get("namespace", ""))

    @property
    def pod(self) -> str:
        return str(self.container.pod["metadata"]["name"])

    @property
    def place(self) -> tuple[str, str, str]:
        """(namespace, pod, container): what stays the same over restarts."""
        return self.namespace, self.pod, self.container.name

    @property
    def ports(self) -> tuple[int, ...]:
        return (self.program.port, *self.program.other_ports)

    def running(self, now: float) -> bool:
        return self.ends_at is None or now < self.ends_at

    def listening(self, now: float) -> bool:
        return self.running(now) and now >= self.listens_at

    def status(self, now: float) -> ProcessStatus:
        if self.running(now):
            return ProcessStatus(running=True)
        return ProcessStatus(False, self.exit_code, self.reason, self.ends_at)

    def end(self, moment: float, exit_code: int, reason: str) -> None:
        self.ends_at, self.exit_code, self.reason = moment, exit_code, reason


def configuration_problem(program: Program, env: dict[str, str]) -> tuple[str, str] | None:
    """(kind, variable) of the first setting without which the program cannot start: `missing` or `invalid`."""
    for variable in sorted({call.to for call in calls_of(program)}):
        value = env.get(variable, "")
        if not value:
            return "missing", variable
        if split_address(value) is None:
            return "invalid", variable
    if program.password_variable and not env.get(program.password_variable):
        return "missing", program.password_variable
    return None


def split_address(address: str) -> tuple[str, int] | None:
    """(host, port) of `host:port`, or None where it is none."""
    host, _, port = address.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        return None
    return host, int(port)
