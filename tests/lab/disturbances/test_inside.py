"""What happens inside of programs that have pools, caches, consumers and accelerators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from aiops.core.disturbance import disturbance_of
from aiops.lab.apps.program import Program
from aiops.lab.disturbances.accelerators import ACCELERATOR
from aiops.lab.disturbances.processes import node_of
from aiops.lab.traffic.processes.process import Process
from aiops.lab.world import World
from tests.support.worlds import copy_of

LIVED = 120.0


def _lived(application: str) -> World:
    world = World(application, seed=3)
    for _ in world.ticks(LIVED):
        pass
    return world


@pytest.fixture
def social() -> World:
    return copy_of(_lived, "social")


@pytest.fixture
def training() -> World:
    return copy_of(_lived, "training")


def _pass(world: World, seconds: float) -> None:
    for _ in world.ticks(seconds):
        pass


def _those(world: World, wanted: Callable[[Program], Any]) -> list[Process]:
    return [process for process in world.runtime.running() if wanted(process.program)]


def _inside(processes: list[Process], *behaviours: dict[str, Any]) -> dict[str, Any]:
    pods = {"names": sorted({process.pod for process in processes})}
    return {"kind": "misbehaviour", "pods": pods, "behaviours": list(behaviours)}


def test_connections_leak_until_the_pool_is_empty(social: World) -> None:
    leaking = _those(social, lambda program: program.pools)[:1]
    social.disturbances.begin("one", disturbance_of(_inside(leaking, {"kind": "connection_leak", "per_second": 0.5})))
    pools = social._traffic.engine.protections.pools
    _pass(social, 20)
    own = [row for row, (container, _) in enumerate(pools.keys) if container == leaking[0].container.id]
    early = pools.size[own].copy()
    _pass(social, 40)
    late = pools.size[own].copy()
    assert (late < early).all()
    social.disturbances.end("one")
    _pass(social, 10)
    assert (pools.size[own] > early).all()


def test_a_cache_that_keeps_nothing_only_misses(social: World) -> None:
    caches = social._traffic.engine.caches
    before = caches.ratio.copy()
    social.disturbances.begin(
        "one", disturbance_of(_inside(_those(social, lambda program: program.caches), {"kind": "cache_off"}))
    )
    _pass(social, 30)
    assert before.max() > 0.3
    assert caches.ratio.max() < 0.05


def test_messages_wait_for_consumers_that_take_none(social: World) -> None:
    brokers = social._traffic.engine.brokers
    consumers = _those(social, lambda program: program.consumers)
    before = brokers.depth.sum()
    social.disturbances.begin("one", disturbance_of(_inside(consumers, {"kind": "consumer_stalled"})))
    _pass(social, 30)
    waiting = brokers.depth.sum()
    assert waiting > before + 10
    social.disturbances.end("one")
    _pass(social, 60)
    assert brokers.depth.sum() < waiting


def test_poison_fails_whenever_it_is_handled(social: World) -> None:
    brokers = social._traffic.engine.brokers
    consumers = _those(social, lambda program: program.consumers)
    social.disturbances.begin("one", disturbance_of(_inside(consumers, {"kind": "poison_messages", "percent": 100})))
    consumed = brokers.consumed.sum()
    _pass(social, 20)
    assert brokers.consumed.sum() == pytest.approx(consumed, abs=1e-6)


def _accelerated(world: World) -> str:
    """A node on which a process trains."""
    return node_of(_those(world, lambda program: program.training)[0])


def test_a_hot_accelerator_holds_up_everybody_in_the_collective(training: World) -> None:
    work = training._traffic.engine.training
    before = work.seconds[np.isfinite(work.seconds)].copy()
    hot = {"kind": "accelerator.throttled", "nodes": {"names": [_accelerated(training)]}, "factor": 3}
    training.disturbances.begin("one", disturbance_of(hot))
    _pass(training, 10)
    assert (work.seconds[np.isfinite(work.seconds)] > before + 0.1).any()
    training.disturbances.end("one")
    _pass(training, 10)
    assert work.seconds[np.isfinite(work.seconds)] == pytest.approx(before, rel=0.2)


def test_a_failed_accelerator_ends_its_processes_and_is_offered_no_more(training: World) -> None:
    name = _accelerated(training)
    before = training.cluster.find("Node", "", name)
    failed = {"kind": "accelerator.failed", "nodes": {"names": [name]}, "xid": 79}
    here = [p.container.id for p in _those(training, lambda program: program.training) if node_of(p) == name]
    training.disturbances.begin("one", disturbance_of(failed))
    _pass(training, 20)
    node = training.cluster.find("Node", "", name)
    assert node is not None
    assert before is not None
    assert node["status"]["allocatable"][ACCELERATOR] == "0"
    assert not {process.container.id for process in training.runtime.running()} & set(here)
    training.disturbances.end("one")
    again = training.cluster.find("Node", "", name)
    assert again is not None
    assert again["status"]["allocatable"] == before["status"]["allocatable"]


def test_object_storage_refuses_a_wrong_clock(training: World) -> None:
    store = _those(training, lambda program: program.protocol == "s3")
    pods = {"names": sorted({process.pod for process in store})}
    graph = training._traffic.flow.graph
    assert not graph.denied.any()
    training.disturbances.begin("one", disturbance_of({"kind": "clock.offset", "pods": pods, "seconds": 1000}))
    _pass(training, 5)
    assert training._traffic.flow.graph.denied.any()


def test_one_tenant_asks_more(training: World) -> None:
    visitors = training._traffic.visitors
    names = [name for name, *_ in visitors.demand.mixes]
    before = visitors.tenants.sum(axis=1).copy()
    training.disturbances.begin("one", disturbance_of({"kind": "load.increase", "factor": 5, "tenant": names[0]}))
    _pass(training, LIVED)
    came = visitors.tenants.sum(axis=1) - before
    assert came[0] > 3 * before[0]
    assert (came[1:] < 2 * before[1:] + 20).all()
