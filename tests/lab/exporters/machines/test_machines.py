"""What exporters tell of machines, accelerators, volumes and pools in health and out of it."""

from __future__ import annotations

import numpy as np
import pytest

from aiops.core.disturbance import Disturbance, Nodes, Pods
from aiops.core.disturbance.behaviour import ConnectionLeak, FileLeak
from aiops.core.disturbance.machine import AcceleratorFailed, AcceleratorThrottled, NodeDiskSlow, NodeMemory, NodeSteal
from aiops.core.disturbance.network import NetworkBandwidth, NetworkLoss
from aiops.core.disturbance.process import Misbehaviour
from aiops.core.telemetry import Series
from aiops.lab.tsdb import Matcher
from aiops.lab.world import World
from tests.lab.exporters.golden import lived


@pytest.fixture(scope="module")
def training() -> World:
    """For tests that only read."""
    return lived("training")


def _series(world: World, name: str, /, **labels: str) -> list[Series]:
    matchers = [Matcher("__name__", "=", name), *(Matcher(key, "=", value) for key, value in labels.items())]
    return world.series.select(matchers, world.now - 30, world.now)


def _last(world: World, name: str, /, **labels: str) -> float:
    return sum(float(series.values[-1]) for series in _series(world, name, **labels))


def _disturbed(application: str, disturbance: Disturbance, seconds: float = 90.0) -> World:
    world = lived(application)
    world.disturbances.begin("it", disturbance)
    for _ in world.ticks(seconds):
        pass
    return world


def test_memory_of_accelerators_adds_up(training: World) -> None:
    for used in _series(training, "DCGM_FI_DEV_FB_USED"):
        free = _last(training, "DCGM_FI_DEV_FB_FREE", UUID=used.labels["UUID"])
        most = 81_251 if "A100" in used.labels["modelName"] else 23_034
        assert most - 2 <= used.values[-1] + free <= most
        assert (used.values[-1] > 0.4 * most) == ("pod" in used.labels)


def test_work_takes_power(training: World) -> None:
    power = {s.labels["UUID"]: s for s in _series(training, "DCGM_FI_DEV_POWER_USAGE")}
    for busy in _series(training, "DCGM_FI_DEV_GPU_UTIL"):
        watts = power[busy.labels["UUID"]].values[-1]
        idle, most = (62, 400) if "A100" in busy.labels["modelName"] else (16, 72)
        assert watts == pytest.approx(idle + (most - idle) * busy.values[-1] / 100, abs=0.011 * most)


def test_only_linked_models_exchange_over_links(training: World) -> None:
    sent = _series(training, "DCGM_FI_PROF_NVLINK_TX_BYTES")
    assert sent
    assert all("A100" in series.labels["modelName"] for series in sent)
    assert max(series.values[-1] for series in sent) > 1e9


def test_a_throttled_accelerator_tells_for_how_long_and_takes_less_power(training: World) -> None:
    name = "training-gpu-1"
    hot = _disturbed("training", AcceleratorThrottled(nodes=Nodes(names=(name,)), factor=10, celsius=92))
    assert _last(hot, "DCGM_FI_DEV_THERMAL_VIOLATION", Hostname=name) > 30e6
    assert _last(training, "DCGM_FI_DEV_THERMAL_VIOLATION") == 0
    watts = "DCGM_FI_DEV_POWER_USAGE"
    assert _last(hot, watts, Hostname=name) < 0.6 * _last(training, watts, Hostname=name)


@pytest.mark.parametrize(
    ("xid", "metric"),
    [(48, "DCGM_FI_DEV_ECC_DBE_VOL_TOTAL"), (74, "DCGM_FI_DEV_NVLINK_CRC_FLIT_ERROR_COUNT_TOTAL")],
)
def test_an_error_of_the_driver_is_counted_where_it_comes_from(training: World, xid: int, metric: str) -> None:
    name = "training-gpu-1"
    world = _disturbed("training", AcceleratorFailed(nodes=Nodes(names=(name,)), xid=xid), 45.0)
    assert _last(world, metric, Hostname=name) > 0
    assert _last(world, metric) == _last(world, metric, Hostname=name)
    assert _last(training, metric) == 0


def test_memory_that_others_use_is_not_to_be_had() -> None:
    world = lived("hotel")
    name = next(node["metadata"]["name"] for node in world.cluster.objects("Node"))
    before = _last(world, "node_memory_MemAvailable_bytes", node=name)
    world.disturbances.begin("it", NodeMemory(nodes=Nodes(names=(name,)), bytes=before * 0.97))
    for _ in world.ticks(60):
        pass
    assert _last(world, "node_memory_MemAvailable_bytes", node=name) < 0.2 * before
    assert _last(world, "node_pressure_memory_waiting_seconds_total", node=name) > 1
    parts = [_last(world, f"node_memory_{part}_bytes", node=name) for part in ("MemFree", "Cached")]
    assert sum(parts) == pytest.approx(_last(world, "node_memory_MemAvailable_bytes", node=name), abs=2)


def test_lost_packets_are_sent_again() -> None:
    quiet = lived("hotel")
    lossy = _disturbed("hotel", NetworkLoss(pods=Pods(namespace=quiet.namespace), percent=5))
    assert _last(quiet, "node_netstat_Tcp_RetransSegs") == 0
    assert _last(lossy, "node_netstat_Tcp_RetransSegs") > 10


def test_what_the_host_takes_of_a_machine_is_stolen_and_makes_it_full() -> None:
    quiet = lived("hotel")
    node = next(p for p in quiet.cluster.objects("Pod", quiet.namespace) if "nodeName" in p["spec"])["spec"]["nodeName"]
    robbed = _disturbed("hotel", NodeSteal(nodes=Nodes(names=(node,)), percent=95))
    assert _last(quiet, "node_cpu_seconds_total", node=node, mode="steal") == 0
    stolen = _last(robbed, "node_cpu_seconds_total", node=node, mode="steal")
    others = _last(robbed, "node_cpu_seconds_total", mode="steal") - stolen
    assert stolen > 60
    assert others == 0
    total = {world: _last(world, "node_cpu_seconds_total", node=node) for world in (quiet, robbed)}
    assert total[robbed] == pytest.approx(total[quiet] + 90 * _cores(quiet, node), rel=0.1)


def _cores(world: World, node: str) -> int:
    return len({series.labels["cpu"] for series in _series(world, "node_cpu_seconds_total", node=node)})


def test_volumes_have_places_for_files(training: World) -> None:
    capacity = _series(training, "kubelet_volume_stats_inodes")
    assert capacity
    for series in capacity:
        claim = {"persistentvolumeclaim": series.labels["persistentvolumeclaim"]}
        used, free = (_last(training, f"kubelet_volume_stats_inodes_{part}", **claim) for part in ("used", "free"))
        assert series.values[-1] == pytest.approx(used + free, abs=1)


def test_messages_are_counted_where_they_are_taken(training: World) -> None:
    assert _last(training, "messaging_client_consumed_messages_total", messaging_destination_name="usage") > 0
    assert all(np.isfinite(series.values).all() for series in _series(training, "go_goroutines"))


def test_leaked_connections_of_a_pool_are_used_ones() -> None:
    world = lived("training")
    before = _series(world, "db_client_connection_max")
    pods = Pods(namespace=before[0].labels["namespace"])
    leak = Misbehaviour(pods=pods, behaviours=(ConnectionLeak(per_second=0.1),))
    world.disturbances.begin("it", leak)
    for _ in world.ticks(90):
        pass
    assert _sizes(_series(world, "db_client_connection_max")) == _sizes(before)
    used = _series(world, "db_client_connection_count", db_client_connection_state="used", namespace=pods.namespace)
    assert used
    assert all(5 <= series.values[-1] <= 10 for series in used)


def test_files_that_a_process_never_closed_are_open_until_there_is_no_place_for_more() -> None:
    world = lived("training")
    namespace = _series(world, "process_max_fds")[0].labels["namespace"]
    most = {series.labels["pod"]: float(series.values[-1]) for series in _series(world, "process_max_fds")}
    leak = Misbehaviour(pods=Pods(namespace=namespace), behaviours=(FileLeak(per_second=4),))
    world.disturbances.begin("it", leak)
    for _ in world.ticks(90):
        pass
    for metric in ("process_open_fds", "container_file_descriptors"):
        assert max(series.values[-1] for series in _series(world, metric, namespace=namespace)) > 300
    for _ in world.ticks(300):
        pass
    used = {s.labels["pod"]: float(s.values[-1]) for s in _series(world, "process_open_fds", namespace=namespace)}
    now = {series.labels["pod"]: float(series.values[-1]) for series in _series(world, "process_max_fds")}
    assert now == most
    assert used
    assert all(0.9 * most[pod] < files <= most[pod] for pod, files in used.items())


def _sizes(pools: list[Series]) -> list[tuple[str, str, float]]:
    named = ((s.labels["pod"], s.labels["db_client_connection_pool_name"], float(s.values[-1])) for s in pools)
    return sorted(named)


def test_who_keeps_the_disks_busy_is_seen_to_do_so() -> None:
    world = lived("hotel")
    pod = next(p for p in world.cluster.objects("Pod", world.namespace) if p["metadata"]["labels"]["app"] == "geo")
    node = pod["spec"]["nodeName"]
    pods = Pods(namespace=world.namespace, labels={"app": "geo"})
    before = _last(world, "node_disk_written_bytes_total", node=node)
    world.disturbances.begin("it", NodeDiskSlow(nodes=Nodes(names=(node,)), percent=2, while_running=pods))
    for _ in world.ticks(60):
        pass
    name = pod["metadata"]["name"]
    for metric in ("container_fs_reads_bytes_total", "container_fs_writes_bytes_total"):
        assert _last(world, metric, pod=name) > 60 * 50e6
    assert _last(world, "node_disk_written_bytes_total", node=node) > before + 40 * 50e6
    assert _last(world, "node_pressure_io_waiting_seconds_total", node=node) > 20


def test_who_takes_a_link_up_is_seen_to_send() -> None:
    world = lived("hotel")
    pod = next(p for p in world.cluster.objects("Pod", world.namespace) if p["metadata"]["labels"]["app"] == "geo")
    node, name = pod["spec"]["nodeName"], pod["metadata"]["name"]
    pods = Pods(namespace=world.namespace, labels={"app": "geo"})
    before = _last(world, "node_network_transmit_bytes_total", node=node)
    narrow = NetworkBandwidth(pods=Pods(nodes=(node,)), bytes_per_second=1e5, while_running=pods)
    world.disturbances.begin("it", narrow)
    for _ in world.ticks(60):
        pass
    assert _last(world, "container_network_transmit_bytes_total", pod=name) > 40 * 1e9
    assert _last(world, "node_network_transmit_bytes_total", node=node) > before + 40 * 1e9
