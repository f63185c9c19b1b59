"""What programs do wrong, whoever makes them do it: a state that a process got into, or the code of a version.

An operation is `METHOD /path` of a service or the operation of a store; a METHOD alone is every operation with it, an
empty one is every operation.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from aiops.core.disturbance.scope import Bytes, Factor, Percent, Seconds, Settings
from aiops.core.model import Value


class OperationErrors(Value):
    """A share of the requests fails with this status. `cause` is what the program says of its own errors: nothing in
    particular, that its store lacks a column that it asks for, or that it cannot read what another version answers."""

    kind: Literal["operation_errors"] = "operation_errors"
    operation: str = ""
    percent: Percent
    status: Literal[403, 404, 423, 500, 502, 503, 504, 507] = 500
    cause: Literal["", "schema", "protocol"] = ""


class WrongAnswers(Value):
    """A share of the requests is answered as if all were well, with something wrong."""

    kind: Literal["wrong_answers"] = "wrong_answers"
    operation: str = ""
    percent: Percent


class OperationCost(Value):
    """A request takes more CPU, and waits longer."""

    kind: Literal["operation_cost"] = "operation_cost"
    operation: str = ""
    cpu_factor: Factor = 1.0
    wait_seconds: float = Field(0.0, ge=0, le=3_600)


class Hang(Value):
    """Requests never get an answer. Where it is every operation, health checks do not get one either."""

    kind: Literal["hang"] = "hang"
    operation: str = ""


class MemoryLeak(Value):
    """Memory that is never given back."""

    kind: Literal["memory_leak"] = "memory_leak"
    bytes_per_request: float = Field(0.0, ge=0, le=2**40)
    bytes_per_second: float = Field(0.0, ge=0, le=2**40)


class MemoryHeld(Value):
    """Memory that is held as long as this lasts."""

    kind: Literal["memory_held"] = "memory_held"
    bytes: Bytes


class CpuBurnt(Value):
    """CPU that is used for nothing, in cores."""

    kind: Literal["cpu_burnt"] = "cpu_burnt"
    cores: float = Field(gt=0, le=1_000)


class Garbage(Value):
    """Requests leave so many more bytes for the garbage collector, of which `pause_factor` tells how slow it is."""

    kind: Literal["garbage"] = "garbage"
    bytes_per_request: Bytes
    pause_factor: Factor = 1.0


class SmallHeap(Value):
    """The garbage collector has only this share of the memory limit for its heap."""

    kind: Literal["small_heap"] = "small_heap"
    percent: Percent


class HastyCalls(Value):
    """Calls of others are given up after `timeout_seconds` (where they were not sooner), and tried again so many times
    without a pause; nothing holds retries back."""

    kind: Literal["hasty_calls"] = "hasty_calls"
    timeout_seconds: Seconds
    retries: int = Field(ge=0, le=3)


class LockHeld(Value):
    """Requests need a lock that each holds for so long; who waits longer than `timeout_seconds` fails."""

    kind: Literal["lock_held"] = "lock_held"
    operation: str = ""
    hold_seconds: Seconds
    rows: int = Field(1, gt=0)
    timeout_seconds: Seconds = 10.0


class ConnectionLeak(Value):
    """Connections of the pools (to `variable` alone, where it is named) are not given back: so many a second."""

    kind: Literal["connection_leak"] = "connection_leak"
    variable: str = ""
    per_second: float = Field(gt=0, le=10_000)


class FileLeak(Value):
    """Open files are not closed: so many a second, until the process may open no more."""

    kind: Literal["file_leak"] = "file_leak"
    per_second: float = Field(gt=0, le=100_000)


class Crash(Value):
    """The process ends so long after its start, or now where it is older."""

    kind: Literal["crash"] = "crash"
    after_seconds: float = Field(1.0, ge=0, le=86_400)
    exit_code: int = Field(1, gt=0, le=255)


class CacheOff(Value):
    """A cache keeps nothing; an empty name is every cache of the program."""

    kind: Literal["cache_off"] = "cache_off"
    cache: str = ""


class MissingIndex(Value):
    """A data store answers without an index: it reads everything, of which there is so many times as much as usual. An
    empty name is every index."""

    kind: Literal["missing_index"] = "missing_index"
    index: str = ""
    scan_factor: Factor = 1.0


class RefusedUser(Value):
    """A data store does not know a user (or none at all, where it is empty): its clients are denied."""

    kind: Literal["refused_user"] = "refused_user"
    user: str = ""


class PlaintextRefused(Value):
    """A server takes only TLS: it ends every connection of a client whose environment does not hold these settings,
    by which a client is told to speak it; none: of every client. Probes are exempt, as a mesh exempts them."""

    kind: Literal["plaintext_refused"] = "plaintext_refused"
    clients: Settings = Field(default_factory=dict)


class ConsumerStalled(Value):
    """Messages of a topic (of every topic, where it is empty) are taken no more, or by this share of the workers."""

    kind: Literal["consumer_stalled"] = "consumer_stalled"
    topic: str = ""
    workers_percent: float = Field(0.0, ge=0, lt=100)


class PoisonMessages(Value):
    """A share of a topic's messages fails whenever it is handled."""

    kind: Literal["poison_messages"] = "poison_messages"
    topic: str = ""
    percent: Percent


class AcceleratorPace(Value):
    """Work on the accelerator takes so many times as long."""

    kind: Literal["accelerator_pace"] = "accelerator_pace"
    factor: float = Field(gt=1, le=1_000)


Behaviour = Annotated[
    OperationErrors
    | WrongAnswers
    | OperationCost
    | Hang
    | MemoryLeak
    | MemoryHeld
    | CpuBurnt
    | Garbage
    | SmallHeap
    | HastyCalls
    | LockHeld
    | ConnectionLeak
    | FileLeak
    | Crash
    | CacheOff
    | MissingIndex
    | RefusedUser
    | PlaintextRefused
    | ConsumerStalled
    | PoisonMessages
    | AcceleratorPace,
    Field(discriminator="kind"),
]
