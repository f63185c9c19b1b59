"""Which metrics of what is at fault, of others and of the platform moved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from aiops.bench.agents.single_metric import METRICS, SURE, workload_of, z_score
from aiops.bench.portrait.scene import Scene
from aiops.core.telemetry import Series

RUNTIME = {
    "open files": 'sum by (namespace, pod) (container_file_descriptors{container!=""})',
    "sockets": 'sum by (namespace, pod) (container_sockets{container!=""})',
    "bytes sent": "sum by (namespace, pod) (rate(container_network_transmit_bytes_total[1m]))",
    "bytes written": 'sum by (namespace, pod) (rate(container_fs_writes_bytes_total{container!=""}[1m]))',
    "throttled time": 'sum by (namespace, pod) (rate(container_cpu_cfs_throttled_seconds_total{container!=""}[1m]))',
}
"""What the container runtime tells of each pod, beside the signals of its requests."""

PLATFORM = {
    "requests that the API server turns away": 'sum(rate(apiserver_request_total{code="429"}[1m])) or vector(0)',
    "names without an address": 'sum(rate(coredns_dns_responses_total{rcode="NXDOMAIN"}[1m])) or vector(0)',
    "segments that are sent again": "sum(rate(node_netstat_Tcp_RetransSegs[1m])) or vector(0)",
    "time that disks make wait": "sum(rate(node_pressure_io_waiting_seconds_total[1m])) or vector(0)",
    "tracked connections": "max(node_nf_conntrack_entries / node_nf_conntrack_entries_limit) or vector(0)",
    "CPU of machines": 'max(sum by (instance) (rate(node_cpu_seconds_total{mode!="idle"}[1m]))) or vector(0)',
}
"""What all workloads stand on."""


async def moved(scene: Scene) -> set[str]:
    """Which metrics of what is at fault, and of others, rose or fell; which of the platform rose; of which metrics a
    newcomer has more than everybody else."""
    found = set()
    for metric, promql in {**METRICS, **RUNTIME}.items():
        workloads = by_workload(await scene.series(promql))
        if newcomer := _newcomer(workloads, scene.onset):
            found.add(f"most {metric} is a newcomer's: {scene.whose(newcomer)}")
        for workload, series in workloads.items():
            surprise = z_score(series, scene.onset)
            if abs(surprise) >= SURE:
                found.add(f"{metric} of {scene.whose(workload)} {'up' if surprise > 0 else 'down'}")
    for metric, promql in PLATFORM.items():
        found |= {f"more {metric}" for series in await scene.series(promql) if rose(series, scene.onset)}
    return found


def _newcomer(workloads: Mapping[str, Series], onset: float) -> str:
    """The workload with the highest last value, where it was not there before the onset; else empty."""
    lately = {name: float(series.values[-1]) for name, series in workloads.items()}
    most = max(lately, key=lambda name: lately[name], default="")
    return most if most and lately[most] > 0 and workloads[most].times[0] > onset else ""


def by_workload(series: Sequence[Series]) -> dict[str, Series]:
    """The mean over the instances of each workload, by its name: instances come and go."""
    found: dict[str, dict[float, list[float]]] = defaultdict(lambda: defaultdict(list))
    for each in series:
        moments = found[workload_of(each.labels).rpartition("/")[2]]
        for time, value in zip(each.times.tolist(), each.values.tolist(), strict=True):
            moments[time].append(value)
    return {name: _mean(moments) for name, moments in found.items()}


def _mean(moments: dict[float, list[float]]) -> Series:
    times = sorted(moments)
    means = [sum(moments[time]) / len(moments[time]) for time in times]
    return Series({}, np.array(times), np.array(means))


def rose(series: Series, onset: float) -> bool:
    """Whether there is more of it, or it is there only now."""
    new = not (series.times <= onset).any() and bool(series.values[series.times > onset].any())
    return new or z_score(series, onset) >= SURE
