"""Jaeger's API v3, in OTLP."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from aiops.lab.jaeger.api import jaeger_app
from aiops.lab.jaeger.store import Link, Place, Resource, TracedSpan, TraceStore

WEB = Resource("web", {"k8s.pod.name": "web-0", "telemetry.sdk.language": "java"})
SEARCH = {
    "query.service_name": "web",
    "query.start_time_min": "1970-01-01T00:10:00Z",
    "query.start_time_max": "1970-01-01T00:20:00Z",
}


@pytest.fixture
async def api() -> Any:
    store = TraceStore()
    place = Place(WEB, "GET /x", "server", {"http.request.method": "GET", "server.port": "80"})
    call = Place(WEB, "POST /y", "client", {"server.address": "cart", "server.port": "81"})
    store.add(
        "a" * 32,
        [
            TracedSpan("01", "", place, 900.0, 0.5, 503, "503"),
            TracedSpan("02", "01", call, 900.1, 0.25, 0, "timeout", "timeout", Link("b" * 32, "09")),
        ],
    )
    transport = httpx2.ASGITransport(app=jaeger_app(store, lambda: 1000.0))
    async with httpx2.AsyncClient(transport=transport, base_url="http://jaeger") as client:
        yield client


async def test_services_and_operations(api: httpx2.AsyncClient) -> None:
    assert (await api.get("/api/v3/services")).json() == {"services": ["web"]}
    found = (await api.get("/api/v3/operations", params={"service": "web", "span_kind": "client"})).json()
    assert found == {"operations": [{"name": "POST /y", "spanKind": "client"}]}
    assert (await api.get("/api/v3/operations")).status_code == 400


async def test_a_trace_is_otlp_json(api: httpx2.AsyncClient) -> None:
    answer = (await api.get(f"/api/v3/traces/{'a' * 32}")).json()
    [of_web] = answer["result"]["resourceSpans"]
    attributes = {item["key"]: item["value"] for item in of_web["resource"]["attributes"]}
    assert attributes["service.name"] == {"stringValue": "web"}
    server, client = of_web["scopeSpans"][0]["spans"]
    assert (server["kind"], client["kind"]) == (2, 3)
    assert server["startTimeUnixNano"] == "900000000000"
    assert server["endTimeUnixNano"] == "900500000000"
    assert server["status"] == {"code": 2}
    assert {"key": "http.response.status_code", "value": {"intValue": "503"}} in server["attributes"]
    assert client["parentSpanId"] == server["spanId"]
    assert client["links"] == [{"traceId": "b" * 32, "spanId": "09"}]
    [event] = client["events"]
    assert event["name"] == "exception"
    assert event["attributes"][1]["value"]["stringValue"].startswith("java.net.SocketTimeoutException: Read timed out")


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        ({}, 1),
        ({"query.operation_name": "POST /y"}, 1),
        ({"query.operation_name": "POST /z"}, 0),
        ({"query.duration_min": "600ms"}, 0),
        ({"query.duration_max": "300ms"}, 1),
        ({"query.attributes": '{"error":"true"}'}, 1),
        ({"query.service_name": "gone"}, 0),
    ],
)
async def test_search(api: httpx2.AsyncClient, changes: dict[str, str], count: int) -> None:
    answer = await api.get("/api/v3/traces", params={**SEARCH, **changes})
    assert len(answer.json()["result"]["resourceSpans"]) == count


@pytest.mark.parametrize(
    "changes",
    [
        {"query.service_name": ""},
        {"query.start_time_min": "yesterday"},
        {"query.num_traces": "many"},
        {"query.num_traces": "9" * 5000},
        {"query.duration_min": "x"},
        {"query.attributes": "["},
        {"query.attributes": '{"a":[]}'},
    ],
)
async def test_malformed_parameters_are_named(api: httpx2.AsyncClient, changes: dict[str, str]) -> None:
    answer = await api.get("/api/v3/traces", params={**SEARCH, **changes})
    assert answer.status_code == 400
    assert next(iter(changes)) in answer.json()["error"]["message"]


async def test_an_unknown_trace(api: httpx2.AsyncClient) -> None:
    assert (await api.get("/api/v3/traces/ff")).json() == {"error": {"httpCode": 404, "message": "trace not found"}}
