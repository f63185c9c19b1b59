"""Types of metrics, read from their names by the conventions of the OpenMetrics text format."""

from __future__ import annotations

from collections.abc import Collection


def metadata_of(names: Collection[str]) -> dict[str, list[dict[str, str]]]:
    """`/api/v1/metadata`: family name -> type, help, unit."""
    families: dict[str, str] = {}
    for name in sorted(names):
        family, kind = _family(name, names)
        families.setdefault(family, kind)
    return {name: [{"type": kind, "help": "", "unit": ""}] for name, kind in sorted(families.items())}


def _family(name: str, names: Collection[str]) -> tuple[str, str]:
    for suffix in ("_bucket", "_count", "_sum"):
        base = name.removesuffix(suffix)
        if base != name and f"{base}_bucket" in names:
            return base, "histogram"
    return name, "counter" if name.endswith("_total") else "gauge"
