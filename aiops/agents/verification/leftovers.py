"""Alerts about pods that are over: evicted or failed, with others in their place."""

from __future__ import annotations

from collections.abc import Mapping

from aiops.analysis.state.cluster import ClusterState
from aiops.core.entity import Entity

OVER = "Failed"
"""Phase in which a pod stays until somebody clears it away, whatever runs instead."""


def is_leftover(labels: Mapping[str, str], state: ClusterState, unavailable: list[Entity]) -> bool:
    """Is an alert with these labels about such a pod alone? Its workload must have all replicas that it asks for."""
    pod = state.find("Pod", labels.get("namespace", ""), labels.get("pod", ""))
    if pod is None or pod.get("status", {}).get("phase") != OVER:
        return False
    workload = state.workload(pod)
    return workload is not None and workload not in unavailable
