"""The node exporter: CPU, memory, load, disk, network and pressure of the machines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from aiops.lab.apps.program import LINK_BANDWIDTH
from aiops.lab.exporters.exposition.forms import Filled, Form, Reading, Unit
from aiops.lab.exporters.exposition.samples import Target
from aiops.lab.exporters.machines.cadvisor import USER_SHARE
from aiops.lab.exporters.machines.machines import machines
from aiops.lab.exporters.scraping.job import Mine
from aiops.lab.traffic import Traffic
from aiops.lab.traffic.network.interference import TRACKED_CONNECTIONS
from aiops.lab.tsdb import TimeSeriesStore

_SOFTIRQ_SHARE = 0.03
_UNUSED_SHARE = 0.4
"""How much of the memory that can be had is empty; the rest are files that can be thrown away."""

_STALLED_SHARE = 0.5
"""In how much of the time in which somebody waits for memory nobody works."""

_IO_BYTES = 16_384.0
_MODES = {
    "user": ("node_busy", USER_SHARE),
    "system": ("node_busy", 1.0 - USER_SHARE - _SOFTIRQ_SHARE),
    "softirq": ("node_busy", _SOFTIRQ_SHARE),
    "irq": ("node_busy", 0.0),
    "nice": ("node_busy", 0.0),
    "steal": ("node_stolen", 1.0),
    "iowait": ("node_waited", 1.0),
    "idle": ("node_idle", 1.0),
}
_NETWORK, _DISK = {"device": "eth0"}, {"device": "nvme0n1"}
_FILES = {"device": "/dev/nvme0n1p1", "fstype": "ext4", "mountpoint": "/"}
_FILES_LIMIT = 9.223372036854775807e18
_PACKET_BYTES = 640.0
_MACHINE = (
    Reading("node_memory_MemTotal_bytes", "node_memory"),
    Reading("node_memory_MemAvailable_bytes", "node_available", whole=True),
    Reading("node_memory_MemFree_bytes", "node_available", _UNUSED_SHARE, whole=True),
    Reading("node_memory_Cached_bytes", "node_available", 1.0 - _UNUSED_SHARE, whole=True),
    Reading("node_memory_SwapTotal_bytes", "one", 0.0, single=True),
    Reading("node_memory_SwapFree_bytes", "one", 0.0, single=True),
    Reading("node_load1", "node_load1"),
    Reading("node_load5", "node_load5"),
    Reading("node_load15", "node_load15"),
    Reading("node_procs_running", "node_runnable"),
    Reading("node_network_receive_bytes_total", "node_received", whole=True, labels=_NETWORK),
    Reading("node_network_transmit_bytes_total", "node_transmitted", whole=True, labels=_NETWORK),
    Reading("node_network_receive_packets_total", "node_received", 1 / _PACKET_BYTES, whole=True, labels=_NETWORK),
    Reading("node_network_transmit_packets_total", "node_transmitted", 1 / _PACKET_BYTES, whole=True, labels=_NETWORK),
    Reading("node_network_receive_drop_total", "one", 0.0, labels=_NETWORK, single=True),
    Reading("node_network_transmit_drop_total", "one", 0.0, labels=_NETWORK, single=True),
    Reading("node_network_receive_errs_total", "one", 0.0, labels=_NETWORK, single=True),
    Reading("node_network_transmit_errs_total", "one", 0.0, labels=_NETWORK, single=True),
    Reading("node_network_up", "one", labels=_NETWORK, single=True),
    Reading("node_network_speed_bytes", "one", LINK_BANDWIDTH, labels=_NETWORK, single=True),
    Reading("node_network_carrier_changes_total", "one", 2.0, labels=_NETWORK, single=True),
    Reading("node_netstat_Tcp_RetransSegs", "node_retransmitted", whole=True),
    Reading("node_sockstat_TCP_inuse", "node_sockets", whole=True),
    Reading("node_disk_reads_completed_total", "node_read", 1 / _IO_BYTES, whole=True, labels=_DISK),
    Reading("node_disk_writes_completed_total", "node_written", 1 / _IO_BYTES, whole=True, labels=_DISK),
    Reading("node_disk_read_bytes_total", "node_read", whole=True, labels=_DISK),
    Reading("node_disk_written_bytes_total", "node_written", whole=True, labels=_DISK),
    Reading("node_disk_io_time_seconds_total", "node_waited", labels=_DISK),
    Reading("node_nf_conntrack_entries", "node_tracked", whole=True),
    Reading("node_nf_conntrack_entries_limit", "one", TRACKED_CONNECTIONS, single=True),
    Reading("node_filefd_allocated", "node_files", whole=True),
    Reading("node_filefd_maximum", "one", _FILES_LIMIT, single=True),
    Reading("node_boot_time_seconds", "node_boot", whole=True),
    Reading("node_time_seconds", "node_now"),
    Reading("node_timex_offset_seconds", "node_offset"),
    Reading("node_timex_sync_status", "one", single=True),
    Reading("node_pressure_cpu_waiting_seconds_total", "node_cpu_pressure"),
    Reading("node_pressure_io_waiting_seconds_total", "node_waited"),
    Reading("node_pressure_memory_waiting_seconds_total", "node_memory_pressure"),
    Reading("node_pressure_memory_stalled_seconds_total", "node_memory_pressure", _STALLED_SHARE),
    Reading("node_vmstat_oom_kill", "node_oom_kills"),
)
_STORAGE = (
    Reading("node_filesystem_size_bytes", "node_disk", whole=True, labels=_FILES),
    Reading("node_filesystem_free_bytes", "node_disk_free", whole=True, labels=_FILES),
    Reading("node_filesystem_avail_bytes", "node_disk_free", whole=True, labels=_FILES),
)


class NodeExporter:
    """Finds the machines. Each CPU of a machine has the same part of its time."""

    def __init__(self, traffic: Traffic, store: TimeSeriesStore, mine: Mine) -> None:
        self._traffic = traffic
        self._mine = mine
        self._machine = Form(store, _MACHINE)
        self._storage = Form(store, _STORAGE)
        self._cpus = {int(node.cpu): Form(store, _cpu(max(int(node.cpu), 1))) for node in traffic.application.nodes}

    def __call__(self) -> tuple[Sequence[Target], Iterable[Filled]]:
        targets = machines(self._traffic, self._mine, "node-exporter", 9100)
        nodes = {node.name: (row, node) for row, node in enumerate(self._traffic.application.nodes)}
        units = [Unit(target.node, target.labels, owner, nodes[target.node][0]) for owner, target in enumerate(targets)]
        found: list[Filled] = [(self._machine, units)]
        found.append((self._storage, [unit for unit in units if nodes[str(unit.key)][1].disk]))
        for cpus, form in self._cpus.items():
            found.append((form, [unit for unit in units if int(nodes[str(unit.key)][1].cpu) == cpus]))
        return targets, found


def _cpu(cpus: int) -> list[Reading]:
    return [
        Reading("node_cpu_seconds_total", figure, share / cpus, labels={"cpu": str(cpu), "mode": mode})
        for cpu in range(cpus)
        for mode, (figure, share) in _MODES.items()
    ]
