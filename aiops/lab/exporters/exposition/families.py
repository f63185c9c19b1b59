"""What type the public metrics have: that of their names by the conventions, and those whose names don't tell.

Sources: the exporters' own documentation.
"""

from __future__ import annotations

from typing import Literal

Kind = Literal["counter", "gauge", "histogram", "summary"]

_HISTOGRAMS = (
    "http_server_request_duration_seconds",
    "http_client_request_duration_seconds",
    "db_client_operation_duration_seconds",
    "nginx_ingress_controller_request_duration_seconds",
    "coredns_dns_request_duration_seconds",
    "apiserver_request_duration_seconds",
    "apiserver_admission_webhook_admission_duration_seconds",
    "etcd_request_duration_seconds",
    "etcd_disk_wal_fsync_duration_seconds",
    "etcd_disk_backend_commit_duration_seconds",
    "scheduler_scheduling_attempt_duration_seconds",
)
_SUMMARIES = ("go_gc_duration_seconds", "jvm_gc_pause_seconds", "nodejs_gc_duration_seconds")
_COUNTERS = frozenset(
    {
        "nginx_ingress_controller_requests",
        "node_vmstat_oom_kill",
        "apiserver_admission_webhook_fail_open_count",
        "node_netstat_Tcp_RetransSegs",
        "DCGM_FI_DEV_THERMAL_VIOLATION",
        "DCGM_FI_DEV_POWER_VIOLATION",
        "apiserver_admission_webhook_rejection_count",
        "container_memory_failcnt",
        "mongodb_ss_opcounters",
        "mysql_global_status_aborted_connects",
        "pg_stat_database_tup_fetched",
        "pg_stat_database_tup_inserted",
        "pg_stat_database_tup_updated",
        "DCGM_FI_DEV_ECC_SBE_VOL_TOTAL",
        "DCGM_FI_DEV_ECC_DBE_VOL_TOTAL",
        "DCGM_FI_DEV_PCIE_REPLAY_COUNTER",
    }
)


def family_of(name: str) -> tuple[str, Kind]:
    """(family, its type) of a series by its name."""
    base = name
    for suffix in ("_bucket", "_count", "_sum"):
        base = name.removesuffix(suffix)
        if base in _HISTOGRAMS:
            return base, "histogram"
        if base != name and base in _SUMMARIES:
            return base, "summary"
    return name, "counter" if name.endswith("_total") or name in _COUNTERS else "gauge"
