"""When an object was last written, and by whom, as far as the API server says."""

from __future__ import annotations

from dataclasses import dataclass

from aiops.core.clock import from_rfc3339
from aiops.core.entity import Manifest

CONTROLLERS = "kube-controller-manager"


@dataclass(frozen=True, slots=True)
class Write:
    """A write of desired state. `at` is in unix seconds, to the second."""

    at: float
    actor: str


def last_write(manifest: Manifest) -> Write | None:
    """The newest entry of `managedFields` that is no write of status; None where there is none.

    Times are whole seconds: of two writers in one second the one listed last counts, but never the controllers,
    who only followed.
    """
    writes = [
        Write(from_rfc3339(entry["time"]), entry.get("manager", ""))
        for entry in manifest["metadata"].get("managedFields") or []
        if entry.get("time") and entry.get("subresource") != "status"
    ]
    return max(reversed(writes), key=lambda write: (write.at, write.actor != CONTROLLERS), default=None)


def created_at(manifest: Manifest) -> float | None:
    """Unix seconds of the object's creation."""
    text = manifest["metadata"].get("creationTimestamp")
    return from_rfc3339(text) if text else None
