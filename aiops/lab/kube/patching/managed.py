"""`metadata.managedFields`: who wrote an object, and when."""

from __future__ import annotations

from typing import Any

from aiops.core.entity import Manifest


def record(
    manifest: Manifest, old: Manifest | None, manager: str, moment: str, *, operation: str, subresource: str
) -> list[dict[str, Any]]:
    """The entries after a write: the writer's own comes last, with the moment of the write."""
    entry: dict[str, Any] = {
        "manager": manager,
        "operation": operation,
        "apiVersion": manifest["apiVersion"],
        "time": moment,
        "fieldsType": "FieldsV1",
        "fieldsV1": {},
    }
    if subresource:
        entry["subresource"] = subresource
    others = (old or {}).get("metadata", {}).get("managedFields") or ()
    return [*(item for item in others if _identity(item) != _identity(entry)), entry]


def _identity(entry: dict[str, Any]) -> tuple[Any, ...]:
    return entry.get("manager"), entry.get("operation"), entry.get("apiVersion"), entry.get("subresource", "")
