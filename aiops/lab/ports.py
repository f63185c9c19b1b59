"""What the parts of the lab ask of each other. The world (`world.py`) joins them and owns the time.

One tick: controllers, scheduler and kubelet act (`control`); traffic flows and processes use memory and CPU
(`traffic`); exporters are scraped into the time series store (`exporters`, `tsdb`); alert rules are evaluated
(`prometheus`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from aiops.core.entity import Manifest

TICK = 5.0
"""Simulated seconds between two steps of the world."""

SCRAPE_INTERVAL = 15.0
"""Simulated seconds between two scrapes of every exporter, and between two evaluations of the alert rules."""


class ClusterView(Protocol):
    """Reads the cluster's objects. What it returns belongs to the store and must not be changed."""

    @property
    def revision(self) -> int:
        """Rises with every write; equal revisions mean equal objects."""
        ...

    def objects(self, kind: str, namespace: str = "") -> Iterable[Manifest]:
        """All objects of a kind, by namespace and name; every namespace where none is given."""
        ...

    def find(self, kind: str, namespace: str, name: str) -> Manifest | None: ...

    def changes(self, kind: str) -> int:
        """Rises with every write to an object of a kind."""
        ...


@dataclass(frozen=True, slots=True)
class ContainerStart:
    """A container that the kubelet starts. `env` and `files` (path -> content) are resolved from config and secrets,
    `links` are the variables of the namespace's Services; limits are bytes and cores, None where there is none.

    `command` and `args` stand for the image's own entrypoint and arguments where they are not empty."""

    id: str
    pod: Manifest
    name: str
    image: str
    started_at: float
    env: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    memory_limit: float | None = None
    cpu_limit: float | None = None
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    links: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProcessStatus:
    """How a container's process does. `exit_code` and `reason` (`OOMKilled`, `Error`, `Completed`) once it ended."""

    running: bool
    exit_code: int | None = None
    reason: str = ""
    finished_at: float | None = None


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """What an image's own configuration says: its size in bytes, and the user that it runs as (a name or a number)."""

    size: int = 10_000_000
    user: str = "0"


@dataclass(frozen=True, slots=True)
class ContainerUse:
    """What a container uses: CPU in cores, memory (working set) and disk (writable layer and logs) in bytes, and how
    many processes it has."""

    cpu: float = 0.0
    memory: float = 0.0
    disk: float = 0.0
    processes: int = 1


@dataclass(frozen=True, slots=True)
class ExecResult:
    """A command that ran in a container, and how many seconds it took. `problem` is the runtime's message where it
    could not be started at all."""

    exit_code: int = 0
    stdout: str = ""
    stderr: str = ""
    seconds: float = 0.0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class HttpReply:
    """What a process answers to an HTTP request."""

    status: int
    reason: str
    body: str


@dataclass(frozen=True, slots=True)
class Listener:
    """A process that listens on a port. `answer` is (method, path) -> reply; None where it speaks no HTTP."""

    answer: Callable[[str, str], HttpReply] | None = None


class Runtime(Protocol):
    """The container runtime and the processes in it; the kubelet drives it, the traffic model implements it."""

    def pull(self, image: str, logins: Mapping[str, tuple[str, str]]) -> str | None:
        """None where the image can be pulled, else the registry's error message. `logins` are (user, password) by
        registry."""
        ...

    def facts(self, image: str) -> ImageFacts:
        """What is known of an image that can be pulled."""
        ...

    def start(self, container: ContainerStart) -> str | None:
        """None where the process runs, else the runtime's error message."""
        ...

    def terminate(self, container_id: str, delay: float, grace: float) -> None:
        """Send SIGTERM in `delay` seconds, and SIGKILL `grace` seconds after it where the process still runs."""
        ...

    def stop(self, container_id: str) -> None:
        """End a process at once and forget it; its log is kept for a while."""
        ...

    def status(self, container_id: str) -> ProcessStatus: ...

    def ended(self) -> list[str]:
        """The containers whose process has ended since the last call, in the order in which they did."""
        ...

    def resize(self, container_id: str, memory_limit: float | None, cpu_limit: float | None) -> None:
        """Change what a running container may use: bytes and cores, None for no limit."""
        ...

    def rewrite(self, container_id: str, files: Mapping[str, str]) -> None:
        """Replace the files that are mounted into a container."""
        ...

    def probe(self, container_id: str, probe: Manifest) -> str | None:
        """Run a Kubernetes probe (httpGet, tcpSocket, exec, grpc): None on success, else the kubelet's message."""
        ...

    def probe_epoch(self) -> int:
        """Another number whenever a probe other than a command may find something else than at the last look."""
        ...

    def execute(self, container_id: str, command: Sequence[str]) -> ExecResult:
        """Run a command in a container."""
        ...

    def dial(self, namespace: str, pod: str, port: int) -> Listener | None:
        """Connect to a port of a pod from within it; None where nothing listens there."""
        ...

    def logs(self, container_id: str, since: float | None, tail: int | None) -> list[tuple[float, str]]:
        """(unix seconds, line) in time order. Empty for an unknown container."""
        ...

    def use(self, container_id: str) -> ContainerUse | None:
        """What a running container uses; None where there is no sample of it yet."""
        ...

    def node_use(self) -> Mapping[str, ContainerUse]:
        """What all processes of a node use, its own services included, by the node's name."""
        ...
