"""Types of metrics: those of the exporters, as far as the conventions of names do not say them."""

from __future__ import annotations

import re
from collections.abc import Collection

_COUNTERS = frozenset(
    {
        "DCGM_FI_DEV_PCIE_REPLAY_COUNTER",
        "DCGM_FI_DEV_POWER_VIOLATION",
        "DCGM_FI_DEV_THERMAL_VIOLATION",
        "DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS",
        "container_memory_failcnt",
        "nginx_ingress_controller_requests",
        "pg_stat_database_tup_fetched",
        "pg_stat_database_tup_inserted",
        "pg_stat_database_tup_updated",
    }
)
"""Counters without the suffix of one."""

_UNKNOWN = re.compile(r"mongodb_(ss|dbstats)_\w+|node_netstat_\w+|node_vmstat_\w+|mysql_global_status_\w+")
"""What exporters pass on without a type."""

_OWN = re.compile(r"up|scrape_\w+|ALERTS\w*|\w*:.*")
"""What Prometheus itself writes, of which it keeps no metadata."""


def metadata_of(names: Collection[str]) -> dict[str, list[dict[str, str]]]:
    """`/api/v1/metadata`: family name -> type, help, unit."""
    families: dict[str, str] = {}
    for name in sorted(names):
        if not _OWN.fullmatch(name):
            family, kind = _family(name, names)
            families.setdefault(family, kind)
    return {name: [{"type": kind, "help": "", "unit": ""}] for name, kind in sorted(families.items())}


def _family(name: str, names: Collection[str]) -> tuple[str, str]:
    for suffix in ("_bucket", "_count", "_sum"):
        base = name.removesuffix(suffix)
        if base == name:
            continue
        if f"{base}_bucket" in names:
            return base, "histogram"
        if f"{base}_count" in names and f"{base}_sum" in names:
            return base, "summary"
    if name in _COUNTERS or name.lower().endswith("_total"):
        return name, "counter"
    return name, "unknown" if _UNKNOWN.fullmatch(name) else "gauge"
