"""One process in a container: what it is, when it listens, how it ended."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiops.lab.apps.checks import calls_of
from aiops.lab.apps.model import Program
from aiops.lab.logs.entries import LogEntry, LogStream
from aiops.lab.ports import ContainerStart, ProcessStatus

LOG_LINES = 2000
"""How many lines of a container's log are kept that no request left."""

UTILITY = Program(language="other", image="", versions=("any",), port=0, startup_seconds=0.0, idle_cpu=0.0005)
"""What a command that is no server has of one: nothing."""


@dataclass(frozen=True, slots=True)
class Plight:
    """What ails a process beside its program: it answers nobody (`hung`), refuses users (those who hold one of
    these names; an empty one is everybody), sees a clock that is so many seconds ahead, shares its disk with so
    many bytes of others, moves so many bytes a second on its node's disk (`moved`) or sends them elsewhere
    (`sent`), waits so many seconds more whenever it reads or writes (`io_seconds`), has so many connections that
    slow clients keep (`held`), and takes only TLS (`encrypted`: what is in the environment of clients that speak
    it)."""

    hung: bool = False
    refused: tuple[str, ...] = ()
    clock_offset: float = 0.0
    foreign_bytes: float = 0.0
    moved: float = 0.0
    sent: float = 0.0
    io_seconds: float = 0.0
    held: float = 0.0
    encrypted: tuple[Mapping[str, str], ...] = ()

    def refuses_plaintext_of(self, env: Mapping[str, str]) -> bool:
        """Whether it ends the connections of clients with this environment, as they don't speak TLS."""
        return any(not settings or not settings.items() <= env.items() for settings in self.encrypted)


@dataclass(slots=True)
class Process:
    """A process from its container's start to its end. Identity is the container's id. `built` is the program as it is
    in the image, `program` as it behaves.

    `files` are those that volumes hold by now, by path; `made` those that its own command makes and removes: (unix
    seconds, path, whether it is there). `stop_code` is how SIGTERM ends it, None where it does not."""

    container: ContainerStart
    name: str
    program: Program
    listens_at: float
    files: Mapping[str, str] = field(default_factory=dict)
    made: Sequence[tuple[float, str, bool]] = ()
    tools: tuple[str, ...] | None = None
    stop_code: int | None = 0
    uid: int = 0
    ends_at: float | None = None
    exit_code: int = 0
    reason: str = ""
    log: deque[LogEntry] = field(default_factory=lambda: deque(maxlen=LOG_LINES))
    plight: Plight = Plight()
    built: Program = field(init=False)

    def __post_init__(self) -> None:
        self.built = self.program

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

    def files_at(self, now: float) -> dict[str, str]:
        """Every file that its volumes or its own command put there."""
        found = dict(self.files)
        for moment, path, there in self.made:
            if moment <= now and there:
                found[path] = ""
            elif moment <= now:
                found.pop(path, None)
        return found

    def end(self, moment: float, exit_code: int, reason: str) -> None:
        self.ends_at, self.exit_code, self.reason = moment, exit_code, reason


def own_error(process: Process) -> str:
    """The event under which the errors of a process's own program are told."""
    cause = process.program.error_cause
    return f"exception_{cause}" if cause else "exception"


def facts(process: Process) -> dict[str, Any]:
    """What every line of a process may name."""
    paths = process.program.health_paths
    return {
        "name": process.name,
        "package": process.name.replace("-", "").replace(".", ""),
        "namespace": process.namespace,
        "pod": process.pod,
        "port": process.program.port,
        "health": paths[0] if paths else "/",
    }


def address_of(process: Process) -> str:
    """The address of a process' pod; empty where it has none yet."""
    return str((process.container.pod.get("status") or {}).get("podIP") or "")


def stream_of(process: Process) -> LogStream:
    """What a collector of logs knows of a process' container."""
    pod = process.container.pod
    labels = pod["metadata"].get("labels") or {}
    app = labels.get("app.kubernetes.io/name") or labels.get("app") or process.pod
    node = pod["spec"].get("nodeName", "")
    return LogStream(process.container.id, process.namespace, process.pod, process.container.name, app, node)


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
