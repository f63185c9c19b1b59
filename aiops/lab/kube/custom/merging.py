"""How the fields of custom objects merge in a server-side apply, as their schema says."""

from __future__ import annotations

from typing import Any

from aiops.lab.kube.patching.merging import Field

_METADATA = Field(struct="meta/v1.ObjectMeta")


def merging_of_schema(schema: dict[str, Any]) -> Field:
    """The merging of whole objects with this schema."""
    fields = {name: _field(part) for name, part in (schema.get("properties") or {}).items()}
    return Field(own={**fields, "metadata": _METADATA})


def _field(schema: dict[str, Any]) -> Field:
    kind = schema.get("x-kubernetes-list-type", "")
    inner = schema.get("items") if schema.get("type") == "array" else schema
    extra = schema.get("additionalProperties")
    return Field(
        list=kind if kind in ("map", "set") else "",
        keys=tuple(schema.get("x-kubernetes-list-map-keys") or ()),
        atomic=schema.get("x-kubernetes-map-type") == "atomic",
        own={name: _field(part) for name, part in ((inner or {}).get("properties") or {}).items()},
        values=_field(extra) if isinstance(extra, dict) else None,
    )
