from __future__ import annotations

from copy import deepcopy
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.core.errors import InvalidInputError
from aiops.lab.jaeger.api import jaeger_app
from aiops.lab.jaeger.query import parse_duration
from aiops.lab.jaeger.store import Link, Place, Resource, TracedSpan, TraceStore

NOW = 1000.0


def _span(
    span_id: str, parent: str, service: str, start: float, seconds: float, kind: str = "server", **more: Any
) -> TracedSpan:
    attributes = {"k8s.pod.name": f"{service}-0", "k8s.node.name": "node-1", "telemetry.sdk.language": "go"}
    place = Place(Resource(service, attributes), "GET /x", kind, {"server.address": "db", "server.port": "27017"})
    return TracedSpan(span_id, parent, place, start, seconds, **more)


@pytest.fixture
def store() -> TraceStore:
    store = TraceStore()
    for number in range(5):
        start = 900.0 + number
        store.add(
            f"{number:032x}",
            [
                _span("b", "a", "cart", start + 0.1, 0.5, error_type="500" if number == 3 else ""),
                _span(
                    "a",
                    "",
                    "web",
                    start,
                    0.1 * (number + 1),
                    status=200,
                ),
            ],
        )
    return store


@pytest.fixture
async def api(store: TraceStore) -> Any:
    transport = httpx2.ASGITransport(app=jaeger_app(store, lambda: NOW))
    async with httpx2.AsyncClient(transport=transport, base_url="http://jaeger") as client:
        yield client


async def _data(api: httpx2.AsyncClient, path: str, **parameters: Any) -> Any:
    answer = await api.get(path, params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


async def test_services_and_operations(api: httpx2.AsyncClient) -> None:
    assert await _data(api, "/api/services") == ["cart", "web"]
    assert await _data(api, "/api/services/web/operations") == ["GET /x"]
    assert await _data(api, "/api/operations", service="web") == [{"name": "GET /x", "spanKind": "server"}]
    assert (await api.get("/api/operations")).status_code == 400


async def test_a_trace_in_jaeger_s_form(api: httpx2.AsyncClient) -> None:
    [trace] = await _data(api, f"/api/traces/{3:032x}")
    spans = {span["spanID"]: span for span in trace["spans"]}
    assert spans["a"]["startTime"] == 903_000_000
    assert spans["a"]["duration"] == 400_000
    assert spans["a"]["references"] == []
    assert spans["b"]["references"] == [{"refType": "CHILD_OF", "traceID": trace["traceID"], "spanID": "a"}]
    tags = {tag["key"]: tag["value"] for tag in spans["b"]["tags"]}
    assert tags["error"] is True
    resource = {tag["key"]: tag["value"] for tag in trace["processes"][spans["b"]["processID"]]["tags"]}
    assert (resource["k8s.pod.name"], resource["k8s.node.name"]) == ("cart-0", "node-1")
    assert {tag["key"]: tag for tag in spans["a"]["tags"]}["http.response.status_code"]["value"] == 200
    assert {p["serviceName"] for p in trace["processes"].values()} == {"cart", "web"}


async def test_search_gives_the_newest_first(api: httpx2.AsyncClient) -> None:
    found = await _data(api, "/api/traces", service="web", limit=2)
    assert [trace["traceID"][-1] for trace in found] == ["4", "3"]


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        ({"service": "web"}, "43210"),
        ({"service": "gone"}, ""),
        ({"service": "web", "operation": "GET /y"}, ""),
        ({"service": "web", "start": "902000000", "end": "903000000"}, "32"),
        ({"service": "web", "minDuration": "450ms"}, "4"),
        ({"service": "web", "maxDuration": "0.15s"}, "0"),
        ({"service": "cart", "tags": '{"error":"true"}'}, "3"),
        ({"service": "cart", "tag": "error:true"}, "3"),
        ({"service": "cart", "tags": '{"error":true}'}, "3"),
        ({"service": "web", "limit": "9" * 400}, "43210"),
        ({"service": "web", "minDuration": "100ms", "maxDuration": "150ms"}, "0"),
        ({"service": "web", "tags": '{"error":"true"}'}, ""),
        ({"service": "web", "tags": '{"k8s.pod.name":"web-0"}', "limit": "1"}, "4"),
        ({"service": "web", "end": "902500000", "lookback": "1s"}, "2"),
        ({"service": "web", "end": "902500000", "lookback": "1d"}, "210"),
        ({"traceID": f"{2:032x}"}, "2"),
    ],
)
async def test_filters(api: httpx2.AsyncClient, parameters: dict[str, str], found: str) -> None:
    traces = await _data(api, "/api/traces", **parameters)
    assert "".join(trace["traceID"][-1] for trace in traces) == found


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"service": "web", "start": "x"},
        {"service": "web", "limit": "-1"},
        {"service": "web", "tags": "{"},
        {"service": "web", "tags": "[]"},
        {"service": "web", "tags": '{"error":null}'},
        {"service": "web", "tags": '{"error":{"code":1}}'},
        {"service": "web", "tag": "error"},
        {"service": "web", "minDuration": "2s", "maxDuration": "1s"},
        {"traceID": "xyz"},
        {"service": "web", "minDuration": "fast"},
        {"service": "web", "end": "1", "lookback": "long"},
    ],
)
async def test_bad_parameters_are_named(api: httpx2.AsyncClient, parameters: dict[str, str]) -> None:
    answer = await api.get("/api/traces", params=parameters)
    assert answer.status_code == 400
    body = answer.json()
    assert body["errors"][0]["msg"]
    assert (body["data"], body["total"], body["limit"], body["offset"]) == (None, 0, 0, 0)


async def test_an_unknown_trace_is_not_found(api: httpx2.AsyncClient) -> None:
    assert (await api.get("/api/traces/ff")).status_code == 404
    assert (await api.get("/api/traces/xyz")).status_code == 400


async def test_an_exception_is_an_event_of_its_span(store: TraceStore, api: httpx2.AsyncClient) -> None:
    span = _span("c", "", "web", 950.0, 0.2, "client", error_type="connection_refused", exception="refused")
    store.add("c" * 32, [span])
    [trace] = await _data(api, f"/api/traces/{'c' * 32}")
    [event] = trace["spans"][0]["logs"]
    fields = {field["key"]: field["value"] for field in event["fields"]}
    assert event["timestamp"] == 950_200_000
    assert fields["event"] == "exception"
    assert fields["exception.type"] == "*net.OpError"
    assert fields["exception.message"] == "dial tcp db:27017: connect: connection refused"
    assert "goroutine" in fields["exception.stacktrace"]
    found = await _data(api, "/api/traces", service="web", tags='{"exception.type":"*net.OpError"}')
    assert [item["traceID"] for item in found] == ["c" * 32]


async def test_a_link_is_no_call(store: TraceStore, api: httpx2.AsyncClient) -> None:
    store.add("d" * 32, [_span("e", "", "worker", 960.0, 0.1, "consumer", link=Link(f"{4:032x}", "a"))])
    [trace] = await _data(api, f"/api/traces/{'d' * 32}")
    assert trace["spans"][0]["references"] == [{"refType": "FOLLOWS_FROM", "traceID": f"{4:032x}", "spanID": "a"}]
    assert all(edge["child"] != "worker" for edge in await _data(api, "/api/dependencies"))


async def test_a_clock_that_is_behind_is_seen(store: TraceStore, api: httpx2.AsyncClient) -> None:
    store.add("f" * 32, [_span("a", "", "web", 970.0, 0.2), _span("b", "a", "cart", 969.9998, 0.1)])
    [trace] = await _data(api, f"/api/traces/{'f' * 32}")
    warnings = {span["spanID"]: span["warnings"] for span in trace["spans"]}
    assert warnings["a"] is None
    assert "clock skew adjustment disabled; not applying calculated delta of 200" in warnings["b"][0]


async def test_dependencies(api: httpx2.AsyncClient) -> None:
    assert await _data(api, "/api/dependencies") == [{"parent": "web", "child": "cart", "callCount": 5}]
    assert await _data(api, "/api/dependencies", endTs="902500", lookback="1000") == [
        {"parent": "web", "child": "cart", "callCount": 1}
    ]
    assert (await api.get("/api/dependencies", params={"endTs": "now"})).status_code == 400


def test_traces_that_have_not_ended_are_not_told(store: TraceStore) -> None:
    assert [trace.trace_id[-1] for trace in store.newest(902.7)] == ["2", "1", "0"]


def test_a_copy_of_a_store_goes_its_own_way(store: TraceStore) -> None:
    copy = deepcopy(store)
    copy.drop_before(904.5 + 3600)
    assert (len(copy), len(store)) == (1, 5)


def test_old_traces_are_forgotten(store: TraceStore) -> None:
    store.drop_before(904.5 + 3600)
    assert len(store) == 1
    assert store.find(f"{0:032x}") is None


@pytest.mark.parametrize(
    ("text", "seconds"), [("1s", 1), ("100ms", 0.1), ("1.5s", 1.5), ("1m30s", 90), ("250us", 0.00025), ("2h", 7200)]
)
def test_durations(text: str, seconds: float) -> None:
    assert parse_duration(text) == pytest.approx(seconds)


@given(st.from_regex(r"[a-z0-9 .-]{0,8}", fullmatch=True).filter(lambda text: not text.endswith(("s", "m", "h"))))
def test_what_is_no_duration_is_named(text: str) -> None:
    with pytest.raises(InvalidInputError, match="not a duration"):
        parse_duration(text)


@given(st.integers(0, 99), st.integers(0, 59), st.integers(0, 999))
def test_the_parts_of_a_duration_add_up(minutes: int, seconds: int, millis: int) -> None:
    assert parse_duration(f"{minutes}m{seconds}s{millis}ms") == pytest.approx(minutes * 60 + seconds + millis / 1000)
