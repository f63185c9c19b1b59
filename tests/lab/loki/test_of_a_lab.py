"""Loki over a running cluster."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from aiops.lab.loki.api import loki_app
from aiops.lab.world import World
from tests.support.worlds import aged


@pytest.fixture
def world() -> World:
    return aged(300)


@pytest.fixture
async def api(world: World) -> Any:
    transport = httpx2.ASGITransport(app=loki_app(world.container_logs, world.clock))
    async with httpx2.AsyncClient(transport=transport, base_url="http://loki") as client:
        yield client


async def _result(api: httpx2.AsyncClient, world: World, query: str, **more: str) -> Any:
    params = {"query": query, "start": str(world.now - 240), "end": str(world.now), **more}
    answer = await api.get("/loki/api/v1/query_range", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]["result"]


async def test_it_has_what_the_kubernetes_api_has(api: httpx2.AsyncClient, world: World) -> None:
    pod = next(p for p in world.cluster.objects("Pod", "hotel") if p["metadata"]["name"].startswith("search-"))
    [status] = pod["status"]["containerStatuses"]
    logs = world.logs(status["containerID"].partition("://")[2], world.now - 240, None)
    found = await _result(api, world, f'{{pod="{pod["metadata"]["name"]}"}}', limit="5000")
    lines = [line for stream in found for _, line in stream["values"]]
    assert sorted(lines) == sorted(line for moment, line in logs if moment < world.now)
    assert {stream["stream"]["node_name"] for stream in found} == {pod["spec"]["nodeName"]}


async def test_a_rate_of_access_lines(api: httpx2.AsyncClient, world: World) -> None:
    query = 'sum by (path) (count_over_time({app="frontend"} | json | msg="request" [4m]))'
    found = await _result(api, world, query, start=str(world.now), end=str(world.now + 1), step="60")
    counts = {series["metric"]["path"]: float(series["values"][0][1]) for series in found}
    assert counts["/hotels"] == max(counts.values())


async def test_lines_are_counted_as_they_are_read(api: httpx2.AsyncClient, world: World) -> None:
    grid = {"start": str(world.now), "end": str(world.now + 1), "step": "60"}
    quick = await _result(api, world, 'sum by (app, stream) (count_over_time({namespace="hotel"}[5m]))', **grid)
    slow = await _result(api, world, 'sum by (app, stream) (count_over_time({namespace="hotel"} |= "" [5m]))', **grid)
    assert len(quick) > 10
    assert quick == slow


async def test_a_trace_is_found_by_its_id_in_all_services(api: httpx2.AsyncClient, world: World) -> None:
    trace = next(t for t in world.traces.newest(world.now) if t.start > world.now - 200 and len(t.spans) > 6)
    found = await _result(api, world, f'{{namespace="hotel"}} |= "{trace.trace_id}"')
    apps = {stream["stream"]["app"] for stream in found}
    assert apps == {span.service for span in trace.spans if span.place.kind == "server"}


async def test_labels_hold_nothing_but_what_a_collector_knows(api: httpx2.AsyncClient, world: World) -> None:
    answer = await api.get("/loki/api/v1/series", params={"start": str(world.now - 300), "end": str(world.now)})
    pods = {(p["metadata"]["namespace"], p["metadata"]["name"]) for p in world.cluster.objects("Pod")}
    found = answer.json()["data"]
    assert {(series["namespace"], series["pod"]) for series in found} <= pods
    assert len(found) > 10
