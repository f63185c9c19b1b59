"""How attempts of calls fail, by name: with no answer, or with a status."""

from __future__ import annotations

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.traffic.callgraph.graph import STATUSES, UNANSWERED, IntArray
from aiops.lab.traffic.telemetry.snapshot import Settled

KINDS = (*UNANSWERED, *(str(status) for status in STATUSES))
"""Every way to fail, in the order of `failures`."""

_EVENTS = {"403": "not_allowed", "423": "lock_timeout", "507": "disk_full"}


def failures(settled: Settled, calls: IntArray) -> FloatArray:
    """Shares of the attempts of some calls that failed in each way, shape (len(KINDS), n)."""
    statuses = settled.link_statuses[:, settled.graph.call_link[calls]] * settled.sent_share[calls]
    return np.concatenate([settled.call_unanswered[:, calls], statuses])


def event_of(kind: str) -> str:
    """The event under which a client logs an attempt that failed so."""
    return _EVENTS.get(kind, "status" if kind.isdigit() else kind)
