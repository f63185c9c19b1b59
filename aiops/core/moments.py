"""When the API server says that something happened."""

from __future__ import annotations

from aiops.core.clock import from_rfc3339
from aiops.core.entity import Manifest


def moment(text: object) -> float | None:
    """Unix seconds of a time in an object; None where there is none. Raises `InvalidInputError` where it is not one."""
    return from_rfc3339(text) if isinstance(text, str) and text else None


def created_at(manifest: Manifest) -> float | None:
    """Unix seconds of the object's creation; None of what was never created, such as a template."""
    return moment(manifest["metadata"].get("creationTimestamp"))
