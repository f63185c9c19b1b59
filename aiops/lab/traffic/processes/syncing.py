"""How long a process waits until what it wrote is safely on its disk: what stores say of their checkpoints."""

from __future__ import annotations

from aiops.lab.traffic.processes.process import Process

SLOW = 0.2
"""Seconds of one fsync from which on stores complain of their disk."""

_BYTES = 65536.0
"""What one fsync writes."""

_OWN_SECONDS = 0.001
_FILES = 12
"""Files of a checkpoint."""

_WRITTEN_OVER = 269.9
"""Seconds over which a checkpoint is written (PostgreSQL's checkpoint_completion_target of 0.9, of five minutes)."""


def fsync_seconds(process: Process) -> float:
    """Seconds of one fsync."""
    disk = process.program.disk
    own = _OWN_SECONDS + (_BYTES / disk.bandwidth if disk is not None else 0.0)
    return own + process.plight.io_seconds


def sync_facts(process: Process) -> dict[str, float]:
    """What a line may name of it: seconds of one `fsync`, of all `fsyncs` of a checkpoint and of the whole
    `checkpoint`; some in milliseconds too."""
    one = fsync_seconds(process)
    whole = _FILES * one
    return {
        "fsync": one,
        "fsync_ms": 1000.0 * one,
        "fsyncs": whole,
        "fsyncs_ms": 1000.0 * whole,
        "checkpoint": _WRITTEN_OVER + whole,
    }
