"""The scan and questions over HTTP, on a small cluster of the lab."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from aiops.clients.kubernetes import KubernetesClient
from aiops.core.entity import Entity
from aiops.core.settings import Settings
from aiops.lab.kube import MASTERS, User, kubernetes_app
from aiops.server.app import create_app
from aiops.supervisor.engine import Engine
from aiops.supervisor.services import assemble
from aiops.tools.kit.context import Context
from tests.support.clock import WorldClock
from tests.support.worlds import aged


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    """A server in front of a cluster in which one deployment has just been scaled to zero."""
    world = aged(60, seed=3)
    served = kubernetes_app(world.cluster, tokens={"root": User("root", (MASTERS,))}, logs=world.logs)
    wire = httpx2.ASGITransport(app=served)
    kube = KubernetesClient.at("http://lab", token="root", transport=wire)
    geo = Entity(kind="Deployment", namespace="hotel", name="geo")
    await kube.patch(geo, {"spec": {"replicas": 0}}, "merge")
    for _ in world.ticks(30):
        pass
    context = Context(kube=kube, clock=WorldClock(world))
    app = create_app(Engine(assemble(Settings(state_dir=tmp_path), context)), token="t0ken")
    headers = {"Authorization": "Bearer t0ken"}
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=app), base_url="http://127.0.0.1", headers=headers
        ) as client,
    ):
        yield client


async def test_a_scan_over_http(api: httpx2.AsyncClient) -> None:
    reply = await api.get("/api/scan", params={"namespace": "hotel"})
    assert reply.status_code == 200
    report = reply.json()
    assert report["namespaces"] == ["hotel"]
    found = {f"{f['subject']['kind']}/{f['subject']['name']}": f for f in report["findings"] if f["mechanism"]}
    assert found["Deployment/geo"]["mechanism"] == "scaling.replicas"
    assert any("Prometheus" in sentence for sentence in report["missing"])
    assert (await api.get("/api/scan", params={"namespace": "hotle"})).status_code == 404
    assert (await api.get("/api/scan", params={"namespace": "No Such"})).status_code == 422


async def test_a_question_over_http(api: httpx2.AsyncClient) -> None:
    reply = await api.post("/api/ask", json={"question": "how many replicas does geo have?"})
    answer = reply.json()
    assert (reply.status_code, answer["answered"], answer["by_model"]) == (200, True, None)
    assert "0 ready of 0" in answer["sentences"][0]["text"]
    assert answer["citations"][0]["query"]["tool"] == "get_object"
    declined = (await api.post("/api/ask", json={"question": "write me a song"})).json()
    assert declined["answered"] is False
    assert "without a model" in declined["sentences"][0]["text"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"question": ""},
        {"question": "   "},
        {"question": "x" * 1001},
        {"question": "x", "namespace": "A B"},
        {"q": "x"},
    ],
)
async def test_what_is_no_question_is_refused(api: httpx2.AsyncClient, body: dict[str, Any]) -> None:
    reply = await api.post("/api/ask", json=body)
    assert reply.status_code == 422
    assert reply.json()["fields"]


async def test_both_need_the_token(api: httpx2.AsyncClient) -> None:
    api.headers.pop("Authorization")
    assert (await api.get("/api/scan")).status_code == 401
    assert (await api.post("/api/ask", json={"question": "x"})).status_code == 401
