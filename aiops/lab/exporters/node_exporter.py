"""The node exporter: CPU, memory and load of the machines."""

from __future__ import annotations

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.exporters.samples import Samples
from aiops.lab.traffic import Traffic
from aiops.lab.traffic.resources import SYSTEM_BYTES
from aiops.lab.tsdb import TimeSeriesStore

_MODES = ("user", "system", "idle")
_GAUGES = ("node_memory_MemTotal_bytes", "node_memory_MemAvailable_bytes", "node_load1")
_USER_SHARE = 0.78


class NodeExporter:
    """Scrapes every node. CPU time is that of the whole machine, as if of one `cpu`."""

    def __init__(self, traffic: Traffic, store: TimeSeriesStore) -> None:
        self._traffic = traffic
        self._boot = 0.0
        nodes = traffic.application.nodes
        self._memory: FloatArray = np.array([node.memory for node in nodes])
        self._load: FloatArray = np.zeros(len(nodes))
        ids = []
        for node in nodes:
            labels = {"job": "node-exporter", "instance": f"{node.address}:9100", "node": node.name}
            modes = [{**labels, "cpu": "0", "mode": mode} for mode in _MODES]
            found = [store.series("node_cpu_seconds_total", mode) for mode in modes]
            ids.append(found + [store.series(name, labels) for name in _GAUGES])
        self._ids = np.array(ids, dtype=np.int64).T.ravel()

    def collect(self, now: float) -> Samples:
        resources = self._traffic.resources
        busy = resources.node_cpu_seconds
        self._boot = self._boot or now
        idle = np.maximum((now - self._boot) * resources.node_cores - busy, 0.0)
        used = np.bincount(resources.needs.node, weights=resources.state.working_set, minlength=len(self._memory))
        runnable = resources.node_utilisation * resources.node_cores
        self._load = self._load + (runnable - self._load) * 0.25
        free = np.maximum(self._memory - used - SYSTEM_BYTES, 0.0)
        rows = [busy * _USER_SHARE, busy * (1 - _USER_SHARE), idle, self._memory, np.floor(free), self._load]
        return Samples(self._ids, np.concatenate(rows))
