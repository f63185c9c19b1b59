"""What the code in an image is: its routes, and what it has inside: workers, caches, locks, a heap, a disk, topics.

Memory and disk in bytes, CPU in cores, times in seconds unless a name says otherwise. What is not written down is not
there: no locks, no caches, no garbage collector, no leak, an endless disk.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from aiops.core.model import Value
from aiops.core.quantity import parse_quantity
from aiops.lab.apps.calling import Call, Pool, Share

Quantity = Annotated[float, BeforeValidator(parse_quantity)]
Protocol = Literal[
    "http", "grpc", "mongodb", "postgresql", "mysql", "redis", "memcached", "amqp", "kafka", "s3", "nccl", "dns"
]
Role = Literal["service", "store", "queue", "gateway", "dns"]


class Lock(Value):
    """A lock that a request takes at its process, and holds for `hold_ms` of unhindered work. `rows` locks of this name
    share the requests evenly (1: a table lock); who waits longer than `timeout` fails."""

    name: str
    hold_ms: float = Field(gt=0)
    rows: int = Field(1, gt=0)
    timeout: float = Field(10.0, gt=0)


class Route(Value):
    """What a program does for one kind of request. `calls` are stages one after the other, parallel inside a stage.

    `wait_ms` is time that is neither CPU nor a call; `error_ratio` fails for reasons of its own, with `error_status`
    (one of the statuses that the traffic knows); `wrong_ratio` of the good answers are wrong. `memory_bytes` are
    held while a request is in flight (None: the program's `bytes_per_request`), `allocated_bytes` become garbage. Bytes
    `read` and `written` go through the disk, `stored_bytes` stay on it. A store's query plan needs `index`; without it
    a request takes `scan_ms` more CPU. `accelerator_ms` is time on an accelerator (see `Batch`)."""

    cpu_ms: float = Field(gt=0)
    wait_ms: float = Field(0.0, ge=0)
    error_ratio: Share = 0.0001
    error_status: int = 500
    wrong_ratio: float = Field(0.0, ge=0, le=1)
    memory_bytes: float | None = Field(None, ge=0)
    allocated_bytes: float = Field(0.0, ge=0)
    read_bytes: float = Field(0.0, ge=0)
    written_bytes: float = Field(0.0, ge=0)
    stored_bytes: float = Field(0.0, ge=0)
    locks: tuple[Lock, ...] = ()
    index: str = ""
    scan_ms: float = Field(0.0, ge=0)
    accelerator_ms: float = Field(0.0, ge=0)
    calls: tuple[tuple[Call, ...], ...] = ()


class ApiRead(Value):
    """Something that a program reads from the Kubernetes API with its service account; every name where none is given.

    What it has read it keeps for `keep_seconds`; after that it cannot serve without reading it again."""

    verb: Literal["get", "list", "watch"] = "get"
    group: str = ""
    resource: str
    name: str = ""
    keep_seconds: float = Field(30.0, ge=0)


class Cache(Value):
    """Answers that are kept: of `keys` different ones, asked for by a Zipf law with exponent `skew`, at most `entries`
    for `ttl_seconds`. It is empty when the process that holds it starts.

    `at` is the environment variable of the cache server that holds them; empty: each process of the program its own.
    With `single_flight` only one request of a process fetches a missing key, the others wait for it."""

    keys: int = Field(gt=0)
    entries: int = Field(gt=0)
    ttl_seconds: float = Field(300.0, gt=0)
    skew: float = Field(0.9, ge=0, le=2)
    entry_bytes: float = Field(1024.0, ge=0)
    single_flight: bool = False
    at: str = ""


class Collector(Value):
    """A garbage collector. The heap may take `heap_share` of the memory limit; a collection pauses the process and
    costs CPU in proportion to what is alive."""

    heap_share: Share = 0.75
    pause_ms_per_gib: float = Field(60.0, ge=0)
    cpu_ms_per_gib: float = Field(300.0, ge=0)


class Leak(Value):
    """Memory that is never given back."""

    bytes_per_request: float = Field(0.0, ge=0)
    bytes_per_second: float = Field(0.0, ge=0)


DISK_BANDWIDTH = 200e6
"""Bytes a second that a disk gives and takes where nobody says how many."""

LINK_BANDWIDTH = 1.25e9
"""Bytes a second that the link of a machine carries: ten gigabits."""


class Disk(Value):
    """Where a store keeps its data: `path` is a volume's mount where it has one, else the container's own layer.

    It holds `base_bytes` at first, and `retention_seconds` of what is stored later (None: everything). `bandwidth` in
    bytes a second. A store that writes its own records every `journal_seconds`, whatever it is asked, ends with code
    `abort_code` where it has no room for them (None: it goes on)."""

    path: str
    base_bytes: float = Field(64 * 2**20, ge=0)
    retention_seconds: float | None = Field(None, gt=0)
    bandwidth: float = Field(DISK_BANDWIDTH, gt=0)
    journal_seconds: float | None = Field(None, gt=0)
    abort_code: int = Field(1, gt=0, le=255)


class Topic(Value):
    """Messages that a broker keeps until they are consumed, at most `limit`; beyond it publishing fails. Not `durable`
    ones are gone with the broker's process. After `deliveries` failed deliveries a message goes to the dead letters
    (0: it is delivered for ever)."""

    limit: int = Field(1_000_000, gt=0)
    durable: bool = True
    deliveries: int = Field(0, ge=0)


class Consumer(Value):
    """Messages that a process takes from the broker at environment variable `at`, `workers` at a time, and handles by
    its own `route`. `batch` messages are one request of that route; a share `poison` of them always fails."""

    at: str
    topic: str
    route: str
    workers: int = Field(8, gt=0)
    batch: int = Field(1, gt=0)
    poison: Share = 0.0


class Batch(Value):
    """How requests share an accelerator: up to `size` at once, collected for at most `wait_ms`; a batch takes
    `fixed_ms` and the `accelerator_ms` of each request in it."""

    size: int = Field(8, gt=0)
    wait_ms: float = Field(5.0, ge=0)
    fixed_ms: float = Field(10.0, ge=0)


class Training(Value):
    """A job whose pods compute in step: each for `step_seconds` on its accelerator and `cpu_seconds` on its CPU, then
    `collective_seconds` together. A step takes as long as its slowest member; none is done while one is missing."""

    members: int = Field(gt=0)
    step_seconds: float = Field(gt=0)
    cpu_seconds: float = Field(0.05, ge=0)
    collective_seconds: float = Field(0.1, ge=0)
    checkpoint_steps: int = Field(100, gt=0)
    checkpoint_bytes: float = Field(0.0, ge=0)


USUAL_OPEN_FILES = 1024
"""The soft limit of a process that says nothing."""


class Program(Value):
    """The code in an image. It listens on `port`, whatever a manifest says.

    `concurrency` requests are worked on at once; `queue_length` more may wait for their turn, the others are rejected.
    `startup_cpu_seconds` of CPU are needed before it listens, so a small CPU limit makes the start longer than
    `startup_seconds`. `pools` by the environment variable of their destination. `max_connections` counts the open
    connections of all its clients (0: no limit), `max_open_files` its own (0: no limit). `resident_bytes` are held
    beside what its workload was sized for. `error_cause` is what its own errors are about, where they are about
    something: the event of its phrasebook is `exception_` and this."""

    role: Role = "service"
    language: str
    protocol: Protocol = "http"
    image: str
    versions: tuple[str, ...] = Field(min_length=1)
    port: int
    other_ports: tuple[int, ...] = ()
    startup_seconds: float = 1.0
    startup_cpu_seconds: float = Field(0.0, ge=0)
    concurrency: int = Field(128, gt=0)
    queue_length: int = Field(0, ge=0)
    health_paths: tuple[str, ...] = ("/healthz", "/readyz")
    password_variable: str = ""
    idle_cpu: float = 0.002
    resident_bytes: float = Field(0.0, ge=0)
    bytes_per_request: int = 65536
    max_connections: int = Field(0, ge=0)
    max_open_files: int = Field(0, ge=0)
    pools: dict[str, Pool] = Field(default_factory=dict)
    caches: dict[str, Cache] = Field(default_factory=dict)
    collector: Collector | None = None
    leak: Leak = Leak()
    disk: Disk | None = None
    topics: dict[str, Topic] = Field(default_factory=dict)
    consumers: tuple[Consumer, ...] = ()
    batch: Batch | None = None
    training: Training | None = None
    error_cause: str = ""
    routes: dict[str, Route] = Field(default_factory=dict)
    reads: tuple[ApiRead, ...] = ()

    @property
    def most_open_files(self) -> int:
        """How many files and connections a process may have open."""
        return self.max_connections or self.max_open_files or USUAL_OPEN_FILES
