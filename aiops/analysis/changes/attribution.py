"""When an object was last written, and by whom, as far as the API server says."""

from __future__ import annotations

from dataclasses import dataclass

from aiops.core.clock import from_rfc3339
from aiops.core.entity import Manifest

CONTROLLERS = "kube-controller-manager"

FOLLOWS = 30.0
"""Seconds within which controllers note on an object that they saw what somebody else wrote to it."""


@dataclass(frozen=True, slots=True)
class Write:
    """A write of desired state. `at` is in unix seconds, to the second."""

    at: float
    actor: str


def last_write(manifest: Manifest) -> Write | None:
    """The newest entry of `managedFields` that is no write of status; None where there is none.

    Controllers that wrote shortly after somebody else only followed. Times are whole seconds: of two writers in one
    second the one listed last counts.
    """
    writes = [
        Write(from_rfc3339(entry["time"]), entry.get("manager", ""))
        for entry in manifest["metadata"].get("managedFields") or []
        if entry.get("time") and entry.get("subresource") != "status"
    ]
    newest = max(reversed(writes), key=lambda write: write.at, default=None)
    if newest is None or newest.actor != CONTROLLERS:
        return newest
    others = [write for write in writes if write.actor != CONTROLLERS and newest.at - write.at <= FOLLOWS]
    return max(reversed(others), key=lambda write: write.at, default=newest)
