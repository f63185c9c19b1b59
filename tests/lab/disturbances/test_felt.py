"""Each disturbance on the running lab: what users feel while it lasts, and that nothing is left when it has ended."""

from __future__ import annotations

from typing import Any

import pytest

from aiops.core.disturbance import disturbance_of
from aiops.core.errors import ConflictError, InvalidInputError, NotPossibleError
from aiops.lab.world import World
from tests.lab.disturbances.driver_state import driver_state
from tests.support.worlds import aged

SECONDS = 60.0
HISTORY = 300.0


def of(app: str) -> dict[str, Any]:
    return {"namespace": "hotel", "labels": {"app": app}}


def program(app: str, *behaviours: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"kind": "misbehaviour", "pods": of(app), "behaviours": list(behaviours), **more}


def on_node(kind: str, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "nodes": {"names": ["node-2"]}, **more}


FAILING = [
    {"kind": "network.delay", "pods": of("geo"), "seconds": 5.0, "jitter_seconds": 0.1},
    {"kind": "network.loss", "pods": of("geo"), "percent": 50},
    {"kind": "network.corruption", "pods": of("geo"), "percent": 30},
    {"kind": "network.bandwidth", "pods": of("geo"), "bytes_per_second": 20_000},
    {"kind": "network.partition", "pods": of("search"), "peers": of("geo"), "direction": "to"},
    {"kind": "dns.failure", "pods": of("search"), "names": ["geo.hotel"], "percent": 60},
    {"kind": "dns.answer", "pods": of("search"), "names": ["geo.hotel"], "address": "10.9.9.9"},
    {"kind": "http.abort", "pods": of("geo"), "percent": 50},
    {"kind": "http.delay", "pods": of("geo"), "seconds": 30},
    {"kind": "http.replace", "pods": of("geo"), "status": 503},
    {"kind": "stress.cpu", "pods": of("geo"), "cores": 4},
    {"kind": "stress.memory", "pods": of("geo"), "bytes": 5e8},
    {"kind": "io.delay", "pods": of("mongodb-geo"), "seconds": 10},
    {"kind": "io.errors", "pods": of("mongodb-geo")},
    program("geo", {"kind": "operation_errors", "percent": 90}),
    program("geo", {"kind": "operation_cost", "cpu_factor": 100}),
    program("geo", {"kind": "operation_cost", "operation": "GET /nearby", "wait_seconds": 30}),
    program("geo", {"kind": "hang"}),
    program("geo", {"kind": "lock_held", "hold_seconds": 0.5}),
    program("geo", {"kind": "memory_leak", "bytes_per_second": 2e7}),
    program("geo", {"kind": "crash", "after_seconds": 3}),
    program("geo", {"kind": "file_leak", "per_second": 100}),
    program("mongodb-geo", {"kind": "missing_index"}),
    program("mongodb-geo", {"kind": "refused_user"}),
    program("mongodb-geo", {"kind": "plaintext_refused"}),
    program("mongodb-geo", {"kind": "operation_errors", "percent": 100, "status": 403}),
    on_node("node.connections", entries=1e6),
    on_node("node.steal", percent=95),
    on_node("node.power_off"),
    {"kind": "load.increase", "factor": 10},
    {"kind": "load.in_step", "factor": 12, "seconds": 5, "period_seconds": 60},
]
"""Those of which users hear."""

QUIET = [
    {"kind": "network.delay", "pods": of("geo"), "seconds": 0.001},
    {"kind": "network.duplication", "pods": of("geo"), "percent": 50},
    {"kind": "clock.offset", "pods": of("geo"), "seconds": 5},
    {"kind": "load.slow_clients", "percent": 1, "seconds": 10},
    program("geo", {"kind": "garbage", "bytes_per_request": 1e5}),
    program("geo", {"kind": "memory_held", "bytes": 1e6}, {"kind": "cpu_burnt", "cores": 0.01}),
    on_node("node.cpu", cores=1),
    on_node("node.memory", bytes=1e9),
    on_node("node.disk", bytes=1e9),
    on_node("node.connections", entries=2e5),
    on_node("node.clock", seconds=30),
]
"""Those that are too small to be felt."""


def _name(case: dict[str, Any]) -> str:
    inner = "-".join(each["kind"] for each in case.get("behaviours", ()))
    return inner or str(case["kind"])


def _failing(world: World, seconds: float) -> float:
    """The share of users' requests that fail in the next seconds."""
    start = world.now
    for _ in world.ticks(seconds):
        pass
    level = world.service_level(start, world.now)
    return level.failed / level.requests


@pytest.mark.parametrize("case", FAILING, ids=_name)
def test_users_feel_it_while_it_lasts(case: dict[str, Any]) -> None:
    world = aged(HISTORY)
    untouched = driver_state(world)
    world.disturbances.begin("one", disturbance_of(case))
    assert _failing(world, SECONDS) > 0.02
    assert world.disturbances.standing()["one"].in_effect
    assert world.disturbances.end("one")
    for _ in world.ticks(10):
        pass
    assert driver_state(world) == untouched


@pytest.mark.parametrize("case", QUIET, ids=_name)
def test_what_is_small_is_not_felt(case: dict[str, Any]) -> None:
    world = aged(HISTORY)
    untouched = driver_state(world)
    world.disturbances.begin("one", disturbance_of(case))
    assert _failing(world, SECONDS) < 0.01
    assert driver_state(world) != untouched
    world.disturbances.end("one")
    for _ in world.ticks(10):
        pass
    assert driver_state(world) == untouched


def test_others_are_not_touched() -> None:
    """A partition of one edge: requests that don't need it are answered as ever."""
    world, calm = aged(HISTORY), aged(HISTORY)
    world.disturbances.begin("one", disturbance_of(FAILING[4]))
    assert _failing(calm, SECONDS) < 0.01
    assert 0.02 < _failing(world, SECONDS) < 0.9
    flow = world._traffic.flow
    good = [
        flow.fails[row]
        for row, handler in enumerate(flow.graph.handlers)
        if row and flow.graph.processes[handler.process].name in ("user", "recommendation")
    ]
    assert max(good) < 0.01


def test_a_state_of_processes_ends_with_them() -> None:
    world = aged(HISTORY)
    hung = program("geo", {"kind": "operation_errors", "percent": 100}, until_restart=True)
    world.disturbances.begin("one", disturbance_of(hung))
    assert _failing(world, SECONDS) > 0.02
    world.disturbances.begin("two", disturbance_of({"kind": "container.kill", "pods": of("geo")}))
    for _ in world.ticks(SECONDS):
        pass
    assert not world.disturbances.standing()["one"].in_effect
    assert _failing(world, SECONDS) < 0.01


def test_a_version_is_felt_where_somebody_runs_it() -> None:
    world = aged(HISTORY)
    bad = [{"kind": "operation_errors", "percent": 100}]
    release = {"kind": "release", "image": "registry.example.com/hotel/geo", "version": "1.7.0", "behaviours": bad}
    world.disturbances.begin("one", disturbance_of(release))
    assert _failing(world, SECONDS) < 0.01
    assert not world.disturbances.standing()["one"].in_effect
    _deploy(world, "registry.example.com/hotel/geo:1.7.0")
    for _ in world.ticks(SECONDS):
        pass
    assert _failing(world, SECONDS) > 0.02
    assert world.disturbances.standing()["one"].in_effect
    _deploy(world, "registry.example.com/hotel/geo:1.6.1")
    world.disturbances.end("one")
    for _ in world.ticks(2 * SECONDS):
        pass
    assert _failing(world, SECONDS) < 0.01


def _deploy(world: World, image: str) -> None:
    deployment = world.cluster.find("Deployment", "hotel", "geo")
    assert deployment is not None
    template = deployment["spec"]["template"]
    containers = [{**container, "image": image} for container in template["spec"]["containers"]]
    spec = {**deployment["spec"], "template": {**template, "spec": {**template["spec"], "containers": containers}}}
    world.cluster.update({**deployment, "spec": spec}, manager="kubectl-edit")


def test_a_stopped_kubelet_makes_its_node_not_ready() -> None:
    world = aged(HISTORY)
    world.disturbances.begin("one", disturbance_of(on_node("node.kubelet_stopped")))
    for _ in world.ticks(SECONDS):
        pass
    assert _ready(world, "node-2") == "Unknown"
    world.disturbances.end("one")
    for _ in world.ticks(SECONDS):
        pass
    assert _ready(world, "node-2") == "True"


def _ready(world: World, name: str) -> str:
    node = world.cluster.find("Node", "", name)
    assert node is not None
    return next(entry["status"] for entry in node["status"]["conditions"] if entry["type"] == "Ready")


def test_what_nobody_would_feel_is_refused() -> None:
    world = aged(HISTORY)
    for case in (
        {"kind": "network.loss", "pods": of("nobody"), "percent": 5},
        program("geo", {"kind": "connection_leak", "per_second": 1}),
        program("geo", {"kind": "operation_errors", "operation": "GET /unknown", "percent": 5}),
        {"kind": "node.power_off", "nodes": {"names": ["node-99"]}},
        {"kind": "accelerator.failed", "nodes": {"names": ["node-1"]}},
        {"kind": "load.increase", "factor": 2, "operations": ["unknown"]},
        {"kind": "load.increase", "factor": 2, "tenant": "unknown"},
        {"kind": "release", "image": "registry.example.com/unknown", "version": "1"},
        {"kind": "io.errors", "pods": of("geo"), "volume": "/nowhere"},
        {"kind": "http.abort", "pods": of("geo"), "port": 1},
    ):
        with pytest.raises(NotPossibleError, match=str(case["kind"])):
            world.disturbances.begin("one", disturbance_of(case))
    assert not world.disturbances.standing()


def test_an_id_is_for_one_disturbance() -> None:
    world = aged(HISTORY)
    world.disturbances.begin("one", disturbance_of(FAILING[0]))
    world.disturbances.begin("one", disturbance_of(FAILING[0]))
    with pytest.raises(ConflictError):
        world.disturbances.begin("one", disturbance_of(FAILING[1]))
    assert world.disturbances.end("one")
    assert not world.disturbances.end("one")


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"kind": "network.unknown"},
        {"kind": "network.loss", "pods": {}, "percent": 101},
        {"kind": "network.loss", "pods": {}, "percent": 5, "unit": "percent"},
        {"kind": "misbehaviour", "pods": {}, "behaviours": []},
        {"kind": "dns.answer", "pods": {}, "names": ["a.b"], "address": "elsewhere"},
    ],
)
def test_a_wrong_value_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError, match="disturbance"):
        disturbance_of(data)
