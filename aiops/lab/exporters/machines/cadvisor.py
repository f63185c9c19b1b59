"""The kubelet's cAdvisor: CPU, memory, network and files of containers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from aiops.lab.exporters.exposition.forms import Filled, Form, Reading, Unit
from aiops.lab.exporters.exposition.samples import KUBELET, Target
from aiops.lab.exporters.machines.machines import machines
from aiops.lab.exporters.scraping.job import Mine
from aiops.lab.traffic import Traffic
from aiops.lab.tsdb import TimeSeriesStore

USER_SHARE = 0.78
"""How much of the CPU time programs use themselves, the rest is the kernel's for them."""

RSS_SHARE = 0.92
"""How much of the working set is a process' own; the rest are files that it has read or written lately."""

_DEVICE = {"device": "/dev/nvme0n1p1"}
_CONTAINER = (
    Reading("container_cpu_usage_seconds_total", "cpu_seconds"),
    Reading("container_cpu_user_seconds_total", "cpu_seconds", USER_SHARE),
    Reading("container_cpu_system_seconds_total", "cpu_seconds", 1.0 - USER_SHARE),
    Reading("container_memory_usage_bytes", "working_set", whole=True),
    Reading("container_memory_working_set_bytes", "working_set", whole=True),
    Reading("container_memory_rss", "working_set", RSS_SHARE, whole=True),
    Reading("container_memory_cache", "working_set", 1.0 - RSS_SHARE, whole=True),
    Reading("container_memory_swap", "one", 0.0, single=True),
    Reading("container_memory_failcnt", "one", 0.0, single=True),
    Reading("container_memory_max_usage_bytes", "memory_peak", whole=True),
    Reading("container_spec_memory_limit_bytes", "memory_limit"),
    Reading("container_spec_cpu_shares", "cpu_shares"),
    Reading("container_start_time_seconds", "started"),
    Reading("container_last_seen", "now", whole=True, single=True),
    Reading("container_oom_events_total", "oom_kills"),
    Reading("container_processes", "one", single=True),
    Reading("container_file_descriptors", "files", whole=True),
    Reading("container_sockets", "sockets", whole=True),
    Reading("container_fs_usage_bytes", "layer", whole=True, labels=_DEVICE),
    Reading("container_fs_reads_bytes_total", "read", whole=True, labels=_DEVICE),
    Reading("container_fs_writes_bytes_total", "written", whole=True, labels=_DEVICE),
)
_LIMITED = (
    Reading("container_cpu_cfs_periods_total", "periods", whole=True),
    Reading("container_cpu_cfs_throttled_periods_total", "throttled", whole=True),
    Reading("container_cpu_cfs_throttled_seconds_total", "throttled", 0.05),
    Reading("container_spec_cpu_quota", "cpu_quota"),
    Reading("container_spec_cpu_period", "one", 100_000.0, single=True),
)
_PACKET_BYTES = 640.0
_POD = (
    Reading("container_network_receive_bytes_total", "received", whole=True),
    Reading("container_network_transmit_bytes_total", "transmitted", whole=True),
    Reading("container_network_receive_packets_total", "received", 1 / _PACKET_BYTES, whole=True),
    Reading("container_network_transmit_packets_total", "transmitted", 1 / _PACKET_BYTES, whole=True),
    Reading("container_network_receive_packets_dropped_total", "dropped_packets", whole=True),
    Reading("container_network_transmit_packets_dropped_total", "one", 0.0, single=True),
    Reading("container_network_receive_errors_total", "broken_packets", whole=True),
    Reading("container_network_transmit_errors_total", "one", 0.0, single=True),
)


class Cadvisor:
    """Finds the running containers of the nodes. A limit on memory that is not set reads 0, as in cAdvisor; one on CPU
    that is not set is not there."""

    def __init__(self, traffic: Traffic, store: TimeSeriesStore, mine: Mine) -> None:
        self._traffic = traffic
        self._mine = mine
        self._container = Form(store, _CONTAINER)
        self._limited = Form(store, _LIMITED)
        self._pod = Form(store, _POD)

    def __call__(self) -> tuple[Sequence[Target], Iterable[Filled]]:
        targets = machines(self._traffic, self._mine, KUBELET, 10250, {"metrics_path": "/metrics/cadvisor"})
        owners = {target.node: owner for owner, target in enumerate(targets)}
        names = [node.name for node in self._traffic.application.nodes]
        containers: list[Unit] = []
        limited: list[Unit] = []
        pods: list[Unit] = []
        needs = self._traffic.resources.needs
        for row, (process, node) in enumerate(zip(self._traffic.resources.processes, needs.node.tolist(), strict=True)):
            owner = owners.get(names[node])
            if owner is None:
                continue
            labels = {**targets[owner].labels, "namespace": process.namespace, "pod": process.pod}
            inside = {**labels, "container": process.container.name, "image": process.container.image}
            key = (process.place, process.container.image, names[node])
            containers.append(Unit(key, inside, owner, row))
            pods.append(Unit(key, {**labels, "interface": "eth0"}, owner, row))
            if needs.limited[row]:
                limited.append(containers[-1])
        return targets, [(self._container, containers), (self._limited, limited), (self._pod, pods)]
