"""The kubelet's cAdvisor: CPU, memory and network of containers."""

from __future__ import annotations

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.exporters.samples import Samples
from aiops.lab.traffic import Traffic
from aiops.lab.traffic.graph import IntArray
from aiops.lab.tsdb import TimeSeriesStore

_CONTAINER = (
    "container_cpu_usage_seconds_total",
    "container_memory_working_set_bytes",
    "container_memory_rss",
    "container_cpu_cfs_periods_total",
    "container_cpu_cfs_throttled_periods_total",
    "container_spec_memory_limit_bytes",
    "container_spec_cpu_quota",
    "container_spec_cpu_period",
    "container_start_time_seconds",
    "container_oom_events_total",
)
_POD = ("container_network_receive_bytes_total", "container_network_transmit_bytes_total")
_RSS_SHARE = 0.92
_CFS_PERIOD_MICROSECONDS = 100_000.0


class Cadvisor:
    """Scrapes every running container. A limit that is not set reads 0, as in cAdvisor."""

    def __init__(self, traffic: Traffic, store: TimeSeriesStore) -> None:
        self._traffic = traffic
        self._store = store
        self._layout = -1
        self._ids: IntArray = np.zeros(0, dtype=np.int64)

    def collect(self) -> Samples:
        if self._layout != self._traffic.layout:
            self._layout = self._traffic.layout
            self._adopt()
        resources = self._traffic.resources
        state, needs, processes = resources.state, resources.needs, resources.processes
        kills = self._traffic.runtime.oom_kills
        rows = [
            state.cpu_seconds,
            np.floor(state.working_set),
            np.floor(state.working_set * _RSS_SHARE),
            np.floor(state.periods),
            np.floor(state.throttled),
            np.where(np.isfinite(needs.memory_limit), needs.memory_limit, 0.0),
            np.where(np.isfinite(needs.cpu_limit), needs.cpu_limit * _CFS_PERIOD_MICROSECONDS, 0.0),
            np.full(len(processes), _CFS_PERIOD_MICROSECONDS),
            np.array([process.container.started_at for process in processes], dtype=np.float64),
            np.array([kills.get(process.place, 0) for process in processes], dtype=np.float64),
            np.floor(state.received),
            np.floor(state.transmitted),
        ]
        values: FloatArray = np.concatenate(rows)
        return Samples(self._ids, values)

    def _adopt(self) -> None:
        found = []
        nodes = self._traffic.application.nodes
        for process, node in zip(
            self._traffic.resources.processes, self._traffic.resources.needs.node.tolist(), strict=True
        ):
            labels = {
                "namespace": process.namespace,
                "pod": process.pod,
                "node": nodes[node].name,
                "job": "kubelet",
                "metrics_path": "/metrics/cadvisor",
                "instance": f"{nodes[node].address}:10250",
            }
            inside = {**labels, "container": process.container.name, "image": process.container.image}
            ids = [self._store.series(name, inside) for name in _CONTAINER]
            found.append(ids + [self._store.series(name, {**labels, "interface": "eth0"}) for name in _POD])
        self._ids = np.array(found, dtype=np.int64).reshape(-1, len(_CONTAINER) + len(_POD)).T.ravel()
