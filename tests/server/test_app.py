"""The HTTP API on an engine whose cluster does not answer: what needs no cluster works, and the incident waits."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml

from aiops.clients.alertmanager import OLDEST
from aiops.core.clock import pause
from aiops.core.settings import Settings
from aiops.server.app import create_app
from aiops.server.bodies import MOST_BYTES
from aiops.supervisor.engine import Engine
from aiops.supervisor.grouping import MOST_AT_ONCE
from aiops.supervisor.services import connect

ALERT = {
    "status": "firing",
    "labels": {"alertname": "HighErrors", "namespace": "shop", "deployment": "cart"},
    "annotations": {"summary": "users see errors"},
    "startsAt": "2026-01-05T09:00:00Z",
    "fingerprint": "f1",
}
WEBHOOK = {"version": "4", "status": "firing", "alerts": [ALERT]}


def _kubeconfig(path: Path) -> Path:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        server = f"http://127.0.0.1:{closed.getsockname()[1]}"
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": {"server": server}}],
        "users": [{"name": "u", "user": {"token": "t"}}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "x",
    }
    path.write_text(yaml.safe_dump(config))
    return path


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    settings = Settings(kubeconfig=_kubeconfig(tmp_path / "kubeconfig"), state_dir=tmp_path / "state", settle_seconds=0)
    app = create_app(Engine(connect(settings)), token="t0ken")
    headers = {"Authorization": "Bearer t0ken"}
    transport = httpx2.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1", headers=headers) as client,
    ):
        yield client


async def test_an_alert_is_stored_and_its_incident_waits_for_the_cluster(api: httpx2.AsyncClient) -> None:
    reply = await api.post("/webhooks/alertmanager", json=WEBHOOK)
    (incident,) = reply.json()["incidents"]
    for _ in range(400):
        events = (await api.get(f"/api/incidents/{incident}/events")).json()
        if any(event["kind"] == "note" for event in events):
            break
        await pause(0.05)
    note = events[-1]["text"]
    assert note.startswith("waiting, and trying again:")
    assert "Kubernetes" in note
    found = (await api.get(f"/api/incidents/{incident}")).json()
    assert found["state"] == "diagnosing"
    assert found["signals"][0]["subject"] == {"kind": "Deployment", "namespace": "shop", "name": "cart"}


async def test_a_repeated_notification_opens_nothing_new(api: httpx2.AsyncClient) -> None:
    first = await api.post("/webhooks/alertmanager", json=WEBHOOK)
    again = await api.post("/webhooks/alertmanager", json=WEBHOOK)
    assert first.json() == again.json()
    assert len((await api.get("/api/incidents")).json()) == 1


async def test_a_resolved_alert_that_nobody_knows_is_dropped(api: httpx2.AsyncClient) -> None:
    gone = WEBHOOK | {"alerts": [ALERT | {"status": "resolved"}]}
    assert (await api.post("/webhooks/alertmanager", json=gone)).json() == {"incidents": []}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"{", "body, character 1"),
        (b"[]", "body"),
        (b'{"version": "4", "status": "firing"}', "alerts"),
        (b'{"version": "4", "status": "firing", "alerts": [{"status": "firing", "labels": {}}]}', "alerts[0].startsAt"),
        (b'{"version": "3", "status": "firing", "alerts": []}', "version"),
    ],
)
async def test_a_malformed_webhook_is_refused_and_the_field_named(
    api: httpx2.AsyncClient, body: bytes, field: str
) -> None:
    reply = await api.post("/webhooks/alertmanager", content=body, headers={"Content-Type": "application/json"})
    assert reply.status_code == 422
    assert field in [f["field"] for f in reply.json()["fields"]]
    assert field in reply.json()["error"]


@pytest.mark.parametrize(
    "path", ["/api/incidents/inc-x", "/api/incidents/inc-x/events", "/api/incidents/inc-x/stream", "/nothing"]
)
async def test_what_is_not_there_is_404(api: httpx2.AsyncClient, path: str) -> None:
    assert (await api.get(path)).status_code == 404


async def test_an_unknown_approval_is_404_and_a_wrong_answer_422(api: httpx2.AsyncClient) -> None:
    body: dict[str, Any] = {"decision": "approved", "digest": "d"}
    assert (await api.post("/api/approvals/apr-x", json=body)).status_code == 404
    for wrong in ({"decision": "maybe"}, {"digest": 5}, {"surprise": 1}, {"actor": " "}, {"actor": "x" * 201}):
        assert (await api.post("/api/approvals/apr-x", json=body | wrong)).status_code == 422
    for wrong in ({"actor": ""}, {"reason": "x" * 2001}):
        assert (await api.post("/api/actions/x/undo", json=wrong)).status_code == 422
    assert (await api.put("/api/kill-switch", params={"actor": ""})).status_code == 422


async def test_the_kill_switch_is_one_request(api: httpx2.AsyncClient) -> None:
    assert (await api.get("/api/kill-switch")).json() == {"stopped": False, "actor": None}
    await api.put("/api/kill-switch", params={"actor": "ann"})
    assert (await api.get("/api/status")).json()["changes_stopped_by"] == "ann"
    await api.delete("/api/kill-switch")
    assert (await api.get("/api/kill-switch")).json()["stopped"] is False


async def test_an_investigation_can_be_asked_for(api: httpx2.AsyncClient) -> None:
    reply = await api.post("/api/investigations", json={"namespace": "shop"})
    (incident,) = reply.json()["incidents"]
    assert (await api.get(f"/api/incidents/{incident}")).json()["title"] == "Is anything wrong?"


async def test_status_tells_the_limits(api: httpx2.AsyncClient) -> None:
    status = (await api.get("/api/status")).json()
    assert status["read_only"] is True
    assert status["autonomy"] == "approve"


async def _post(api: httpx2.AsyncClient, content: bytes) -> httpx2.Response:
    return await api.post("/webhooks/alertmanager", content=content, headers={"Content-Type": "application/json"})


@pytest.mark.parametrize(
    ("labels", "status"),
    [
        ('{"a": "\\ud800"}', 422),
        ('{"\\ud800": 1}', 422),
        ('{"a": "' + "x" * 5000 + '"}', 422),
        ("{" + ",".join(f'"l{i}": ""' for i in range(300)) + "}", 422),
        ('{"a": ' * 50_000 + "1" + "}" * 50_000, 400),
        ('{"a": "' + "x" * MOST_BYTES + '"}', 413),
    ],
)
async def test_hostile_bodies_are_refused_in_our_form(api: httpx2.AsyncClient, labels: str, status: int) -> None:
    alert = f'{{"status": "firing", "startsAt": "2026-01-05T09:00:00Z", "labels": {labels}}}'
    reply = await _post(api, f'{{"version": "4", "status": "firing", "alerts": [{alert}]}}'.encode())
    assert reply.status_code == status
    assert reply.json()["error"]
    assert len(reply.content) < 2000


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00"])
async def test_a_time_that_cannot_be_is_taken_for_one_that_can(api: httpx2.AsyncClient, moment: str) -> None:
    reply = await api.post("/webhooks/alertmanager", json=WEBHOOK | {"alerts": [ALERT | {"startsAt": moment}]})
    (signal,) = (await api.get(f"/api/incidents/{reply.json()['incidents'][0]}")).json()["signals"]
    assert signal["received_at"] - OLDEST <= signal["starts_at"] <= signal["received_at"]


async def test_a_storm_of_alerts_is_taken_at_once_and_bounded(api: httpx2.AsyncClient) -> None:
    many = [ALERT | {"fingerprint": f"f{i}", "labels": {"namespace": f"ns{i}"}} for i in range(1000)]
    reply = await api.post("/webhooks/alertmanager", json=WEBHOOK | {"alerts": many})
    assert reply.status_code == 200
    incidents = (await api.get("/api/incidents")).json()
    assert len(incidents) <= MOST_AT_ONCE + 1
    assert sum(len(incident["signals"]) for incident in incidents) == 1000


async def test_a_number_beyond_all_events_is_refused(api: httpx2.AsyncClient) -> None:
    (incident,) = (await api.post("/webhooks/alertmanager", json=WEBHOOK)).json()["incidents"]
    path, huge = f"/api/incidents/{incident}", "9" * 20
    assert (await api.get(f"{path}/events", params={"after": huge})).status_code == 422
    assert (await api.get(f"{path}/stream", headers={"Last-Event-ID": huge})).status_code == 422


async def test_other_errors_have_the_same_form(api: httpx2.AsyncClient) -> None:
    assert (await api.get("/nothing")).json() == {"error": "Not Found", "fields": []}
    assert (await api.put("/api/incidents")).json() == {"error": "Method Not Allowed", "fields": []}


async def test_an_incident_has_a_post_mortem_from_its_first_moment(api: httpx2.AsyncClient) -> None:
    (incident,) = (await api.post("/webhooks/alertmanager", json=WEBHOOK)).json()["incidents"]
    found = (await api.get(f"/api/incidents/{incident}/postmortem")).json()
    assert found["markdown"].startswith("# Post-mortem: ")
    assert found["html"].startswith("<!doctype html>")
    assert "no Prometheus is configured" in found["html"]
    assert (await api.get("/api/incidents/nope/postmortem")).status_code == 404


async def test_status_says_that_nothing_is_watched_without_a_prometheus(api: httpx2.AsyncClient) -> None:
    assert (await api.get("/api/status")).json()["watch"] is None
