"""Who is scraped when, and what is seen of targets that do not answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from aiops.core.disturbance import Disturbance
from aiops.core.disturbance.machine import AcceleratorFailed, KubeletStopped, NodeClock
from aiops.core.disturbance.scope import Nodes
from aiops.core.telemetry import Series
from aiops.lab.apps import Application
from aiops.lab.exporters.exporters import Exporters
from aiops.lab.exporters.readings.hardware import Sound
from aiops.lab.exporters.scraping.phases import OFTEN, PHASES, SELDOM, Phase
from aiops.lab.exporters.scraping.slots import OWN
from aiops.lab.ports import TICK
from aiops.lab.tsdb import Matcher
from aiops.lab.world import World
from tests.lab.exporters.reading import current, select
from tests.support.worlds import aged


class Dark(Sound):
    """Machines some of which are off."""

    def __init__(self, off: set[str]) -> None:
        self._off = off

    def version(self) -> int:
        return len(self._off)

    def powered(self, node: str) -> bool:
        return node not in self._off


def _warm(cluster: Any, seconds: float = 90.0) -> Any:
    cluster.run(seconds)
    return cluster


@pytest.fixture(scope="module")
def quiet(make_cluster: Callable[..., Any], hotel: Application) -> Any:
    return _warm(make_cluster(hotel))


def test_every_phase_is_due_once_an_interval() -> None:
    for interval in (OFTEN, SELDOM):
        for number in range(PHASES):
            phase = Phase(interval, number, seed=3)
            due = [tick * TICK for tick in range(60) if phase.due(tick * TICK)]
            assert set(np.diff(due)) == {interval}


def test_a_target_belongs_to_one_phase_of_its_interval() -> None:
    for number in range(50):
        labels = {"job": "a", "instance": f"10.0.0.{number}:80"}
        for seed in (1, 2):
            assert sum(Phase(OFTEN, phase, seed).mine(labels) for phase in range(PHASES)) == 1


def test_targets_are_scraped_at_moments_of_their_own(quiet: Any) -> None:
    times = {tuple(s.times) for s in select(quiet, "up")}
    assert len(times) == 2 * PHASES
    for moments in times:
        assert set(np.round(np.diff(moments), 3)) <= {OFTEN, SELDOM}
        assert moments[-1] <= quiet.now


def test_another_seed_has_other_moments(make_cluster: Callable[..., Any], hotel: Application, quiet: Any) -> None:
    other = _warm(make_cluster(hotel, 7), 30.0)
    assert {s.times[0] for s in select(other, "up")} != {s.times[0] for s in select(quiet, "up")}


def test_prometheus_notes_every_scrape(quiet: Any) -> None:
    for name in OWN:
        assert len(select(quiet, name)) == len(select(quiet, "up"))
    for series in select(quiet, "scrape_samples_scraped", job="kubelet"):
        own = {k: v for k, v in series.labels.items() if k in ("instance", "metrics_path")}
        there = quiet.store.select(
            [Matcher(k, "=", v) for k, v in own.items()], float(series.times[-1]), float(series.times[-1])
        )
        assert series.values[-1] == len([s for s in there if s.name not in OWN])


def test_new_series_are_counted_once(quiet: Any) -> None:
    for series in select(quiet, "scrape_series_added", job="node-exporter"):
        assert series.values[0] > 30
        assert not series.values[1:].any()


def test_scrapes_take_their_time(quiet: Any) -> None:
    for series in select(quiet, "scrape_duration_seconds"):
        assert (series.values > 0).all()
        assert (series.values < 1).all()
        assert len(set(series.values)) == len(series.values)


def test_a_machine_that_is_cut_off_answers_nobody(make_cluster: Callable[..., Any], hotel: Application) -> None:
    cluster = make_cluster(hotel)
    down: set[str] = set()
    cluster.exporters = Exporters(cluster.traffic, cluster, cluster.store, 1, Dark(down))
    _warm(cluster)
    node = hotel.nodes[0].name
    down.add(node)
    cluster.run(SELDOM)
    for job in ("kubelet", "node-exporter"):
        assert set(current(cluster, "up", job=job, node=node)) == {0.0}
        assert set(current(cluster, "up", job=job, node=hotel.nodes[1].name)) == {1.0}
    assert not current(cluster, "node_load1", node=node)
    assert not current(cluster, "container_memory_rss", node=node)
    there = {p["metadata"]["name"] for p in cluster.objects("Pod", "hotel") if p["spec"]["nodeName"] == node}
    for pod in there:
        assert set(current(cluster, "up", pod=pod)) == {0.0}
    assert current(cluster, "kube_node_info", node=node) == [1.0]
    down.clear()
    cluster.run(SELDOM)
    assert set(current(cluster, "up")) == {1.0}


def test_a_network_policy_can_shut_the_scraper_out(plain_cluster: Any) -> None:
    _warm(plain_cluster)
    policy = {
        "kind": "NetworkPolicy",
        "metadata": {"name": "closed", "namespace": "hotel"},
        "spec": {"podSelector": {"matchLabels": {"app": "geo"}}, "ingress": [{"from": [{"podSelector": {}}]}]},
    }
    plain_cluster.put(policy)
    plain_cluster.run(OFTEN)
    assert set(current(plain_cluster, "up", service="geo")) == {0.0}
    assert set(current(plain_cluster, "up", service="rate")) == {1.0}
    assert not current(plain_cluster, "http_server_request_duration_seconds_count", service="geo")
    assert current(plain_cluster, "http_client_request_duration_seconds_count", server_address="geo")
    assert current(plain_cluster, "container_cpu_usage_seconds_total", container="geo")


def test_a_process_that_waits_for_a_core_too_long_times_out(plain_cluster: Any) -> None:
    _warm(plain_cluster)
    state = plain_cluster.traffic.resources.state
    rows = [row for row, p in enumerate(plain_cluster.traffic.resources.processes) if p.name == "geo"]
    state.waiting[rows] = 40.0
    plain_cluster.exporters.scrape(plain_cluster.now + TICK)
    plain_cluster.exporters.scrape(plain_cluster.now + 2 * TICK)
    plain_cluster.exporters.scrape(plain_cluster.now + 3 * TICK)
    plain_cluster.now += 3 * TICK
    assert set(current(plain_cluster, "up", service="geo")) == {0.0}
    assert set(current(plain_cluster, "scrape_duration_seconds", service="geo")) == {10.0}


def test_a_deleted_pod_is_stale_at_the_next_scrape(plain_cluster: Any) -> None:
    _warm(plain_cluster)
    plain_cluster.halt("geo-0")
    plain_cluster.forget("Pod", "geo-0")
    plain_cluster.run(SELDOM)
    for name in ("up", "kube_pod_info", "container_memory_rss"):
        assert not current(plain_cluster, name, pod="geo-0")
        assert current(plain_cluster, name, pod="geo-1")


def test_a_store_that_is_down_is_known_to_its_exporter(plain_cluster: Any) -> None:
    _warm(plain_cluster)
    pod = select(plain_cluster, "mongodb_up")[0].labels["pod"]
    assert current(plain_cluster, "mongodb_up", pod=pod) == [1.0]
    plain_cluster.halt(pod)
    plain_cluster.run(SELDOM)
    assert current(plain_cluster, "mongodb_up", pod=pod) == [0.0]
    assert current(plain_cluster, "up", pod=pod, job="mongodb-exporter") == [1.0]
    assert not current(plain_cluster, "mongodb_ss_connections", pod=pod)


def test_nothing_is_laid_out_anew_while_nothing_changes(quiet: Any) -> None:
    slots = [slot for _, slot in quiet.exporters._slots]
    quiet.run(60)
    before = [slot._ids for slot in slots]
    quiet.run(SELDOM)
    assert sum(a is b for a, b in zip(before, (slot._ids for slot in slots), strict=True)) >= 2 * PHASES - 1


def test_scraping_goes_on_in_a_copy_as_if_nothing_had_been() -> None:
    worlds = (World("hotel", seed=1), aged(90.0))
    for world, seconds in zip(worlds, (150.0, 60.0), strict=True):
        for _ in world.ticks(seconds):
            pass
    wanted = [Matcher("__name__", "=~", "up|kube_.*|scrape_samples_scraped|container_oom_events_total")]
    one, other = (world.series.select(wanted, 0, world.now) for world in worlds)
    assert [(s.labels, s.times.tobytes(), s.values.tobytes()) for s in one] == [
        (s.labels, s.times.tobytes(), s.values.tobytes()) for s in other
    ]


def _disturbed(disturbance: Disturbance) -> World:
    world = World("training", seed=1)
    for _ in world.ticks(30.0):
        pass
    world.disturbances.begin("one", disturbance)
    for _ in world.ticks(SELDOM):
        pass
    return world


def _series(world: World, name: str, **labels: str) -> list[Series]:
    matchers = [Matcher("__name__", "=", name), *(Matcher(key, "=", value) for key, value in labels.items())]
    return world.series.select(matchers, world.now - SELDOM, world.now)


def test_exporters_on_a_machine_outlive_its_kubelet() -> None:
    world = _disturbed(KubeletStopped(nodes=Nodes(labels={"tier": "serving"})))
    down = {dict(s.labels)["node"] for s in _series(world, "up", job="kubelet") if s.values[-1] == 0.0}
    assert len(down) == 3
    assert {dict(s.labels)["node"] for s in _series(world, "up", job="node-exporter") if s.values[-1] == 1.0} > down


def test_clocks_and_accelerators_of_machines_are_seen() -> None:
    world = _disturbed(AcceleratorFailed(nodes=Nodes(labels={"tier": "training"}), xid=48))
    seen = {(s.labels["modelName"], s.values[-1]) for s in _series(world, "DCGM_FI_DEV_XID_ERRORS")}
    assert seen == {("NVIDIA A100 SXM4 80GB", 48.0), ("NVIDIA L4", 0.0)}
    world.disturbances.begin("two", NodeClock(nodes=Nodes(labels={"tier": "serving"}), seconds=90.0))
    for _ in world.ticks(OFTEN):
        pass
    offsets = [float(s.values[-1]) for s in _series(world, "node_timex_offset_seconds")]
    assert sorted(offsets) == [0.0] * (len(offsets) - 3) + [90.0] * 3
