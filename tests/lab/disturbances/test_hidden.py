"""Nothing that an agent can read speaks of a disturbance; what an overloaded API server tells its users."""

from __future__ import annotations

from typing import Any

import httpx2
import orjson

from aiops.core.disturbance import disturbance_of
from aiops.lab.jaeger.views import trace_json
from aiops.lab.kube import MASTERS, User, kubernetes_app, service_account
from aiops.lab.kube.kinds.resources import RESOURCES
from aiops.lab.tsdb.matcher import Matcher
from aiops.lab.world import World
from tests.support.worlds import aged

GEO = {"namespace": "hotel", "labels": {"app": "geo"}}
PODS = "/api/v1/namespaces/hotel/pods"


def _shown(world: World) -> bytes:
    """Everything that the cluster's APIs show, as one text."""
    kinds = [resource.kind for resource in RESOURCES if "list" in resource.verbs]
    objects = {kind: world.cluster.objects(kind) for kind in kinds}
    series = world.series.select([Matcher("__name__", "=~", ".+")], 0.0, world.now)
    logs = [world.logs(process.container.id, None, None) for process in world.runtime.running()]
    traces = [trace_json(trace) for trace in world.traces.newest(world.now)]
    return orjson.dumps([objects, [each.labels for each in series], logs, traces]).lower()


def test_nobody_reads_of_it() -> None:
    world = aged(60.0)
    cases: list[dict[str, Any]] = [
        {"kind": "network.loss", "pods": GEO, "percent": 20},
        {"kind": "misbehaviour", "pods": GEO, "behaviours": [{"kind": "operation_errors", "percent": 30}]},
        {"kind": "stress.cpu", "pods": GEO, "cores": 0.2},
        {"kind": "node.memory", "nodes": {"names": ["node-1"]}, "bytes": 1e9},
        {"kind": "load.increase", "factor": 2},
    ]
    for number, case in enumerate(cases):
        world.disturbances.begin(f"tell-tale-{number}", disturbance_of(case))
    for _ in world.ticks(60):
        pass
    shown = _shown(world)
    for word in (b"tell-tale", b"disturb", b"misbehav", b"plight", b"chaos", b"operation_errors", b"network.loss"):
        assert word not in shown, word


async def test_an_overloaded_api_server_turns_a_share_of_what_programs_ask_away() -> None:
    world = aged(60.0)
    world.grant_cluster_admin("people")
    world.grant_cluster_admin("system:serviceaccounts:tools")
    tokens = {
        "admin": User("root", (MASTERS,)),
        "person": User("jane", ("people",)),
        "agent": service_account("tools", "agent"),
    }
    app = kubernetes_app(world.cluster, tokens=tokens, logs=world.logs)
    world.disturbances.begin("one", disturbance_of({"kind": "api_server.overload", "percent": 50}))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://lab") as api:
        agent = [(await api.get(PODS, headers={"Authorization": "Bearer agent"})).status_code for _ in range(40)]
        admin = [(await api.get(PODS, headers={"Authorization": "Bearer admin"})).status_code for _ in range(10)]
        person = [(await api.get(PODS, headers={"Authorization": "Bearer person"})).status_code for _ in range(10)]
        world.disturbances.end("one")
        after = [(await api.get(PODS, headers={"Authorization": "Bearer agent"})).status_code for _ in range(10)]
    assert 15 <= agent.count(429) <= 25
    assert set(admin) == set(person) == {200}
    assert 429 not in after


def test_programs_that_cannot_read_the_api_stop_serving() -> None:
    world = aged(120.0)
    world.disturbances.begin("one", disturbance_of({"kind": "api_server.overload", "percent": 100}))
    start = world.now
    for _ in world.ticks(120):
        pass
    level = world.service_level(start + 60, world.now)
    assert level.failed > 0.02 * level.requests
    codes = {code for *_, code in world._traffic.api_reads.requests}
    assert "429" in codes
    world.disturbances.end("one")
    for _ in world.ticks(120):
        pass
    level = world.service_level(world.now - 30, world.now)
    assert level.failed < 0.01 * level.requests
