"""The Jaeger client."""

from __future__ import annotations

import httpx2
import pytest

from aiops.clients.jaeger import Call, JaegerClient
from aiops.core.errors import NotFoundError, ServiceError

TRACE = {
    "traceID": "t1",
    "processes": {
        "p1": {"serviceName": "front", "tags": [{"key": "k8s.pod.name", "value": "front-1"}]},
        "p2": {"serviceName": "geo"},
    },
    "spans": [
        {
            "traceID": "t1",
            "spanID": "b",
            "processID": "p2",
            "operationName": "near",
            "startTime": 2_000_000,
            "duration": 500,
            "references": [
                {"refType": "FOLLOWS_FROM", "traceID": "t1", "spanID": "z"},
                {"refType": "CHILD_OF", "traceID": "t1", "spanID": "a"},
            ],
            "tags": [{"key": "error", "value": True}, {"key": "http.response.status_code", "value": 503}],
        },
        {
            "traceID": "t1",
            "spanID": "a",
            "processID": "p1",
            "operationName": "GET /",
            "startTime": 1_000_000,
            "duration": 2_000_000,
            "references": [],
            "tags": [],
        },
    ],
}


def client(script, body, status=200):
    made = script(lambda _: httpx2.Response(status, json=body))
    return made, JaegerClient.at("http://jaeger:16686", transport=made.transport)


async def test_traces_become_spans_in_seconds(script):
    made, traces = client(script, {"data": [TRACE]})
    root, child = await traces.traces("front", 1.5, 2.5, limit=7, min_duration=0.25, tags={"error": "true"})
    assert (root.span_id, root.parent_id, root.service, root.start, root.duration) == ("a", None, "front", 1.0, 2.0)
    assert root.attributes == {"k8s.pod.name": "front-1"}
    assert (child.parent_id, child.error, child.duration) == ("a", True, 0.0005)
    assert child.attributes["http.response.status_code"] == "503"
    assert dict(made.requests[0].url.params) == {
        "service": "front",
        "start": "1500000",
        "end": "2500000",
        "limit": "7",
        "minDuration": "250000us",
        "tags": '{"error": "true"}',
    }


async def test_traces_that_are_known_are_left_out(script):
    _, traces = client(script, {"data": [TRACE]})
    assert await traces.traces("front", 1.5, 2.5, known={"t1"}) == []
    assert len(await traces.traces("front", 1.5, 2.5, known={"t2"})) == 2


async def test_one_trace(script):
    _, traces = client(script, {"data": [TRACE]})
    assert len(await traces.trace("t1")) == 2
    _, traces = client(script, {"data": []})
    with pytest.raises(NotFoundError, match="no trace 't9'"):
        await traces.trace("t9")


async def test_services_and_operations(script):
    _, traces = client(script, {"data": ["b", "a"]})
    assert await traces.services() == ["a", "b"]
    _, traces = client(script, {"data": None})
    assert await traces.services() == []
    made, traces = client(script, {"data": [{"name": "x", "spanKind": "server"}, "y"]})
    assert await traces.operations("front") == ["x", "y"]
    assert dict(made.requests[0].url.params) == {"service": "front"}


async def test_dependencies_are_in_milliseconds_on_the_wire(script):
    made, traces = client(
        script, {"data": [{"parent": "b", "child": "c", "callCount": 2}, {"parent": "a", "child": "b"}]}
    )
    assert await traces.dependencies(10.0, 70.0) == [Call("a", "b", 0), Call("b", "c", 2)]
    assert dict(made.requests[0].url.params) == {"endTs": "70000", "lookback": "60000"}


async def test_errors_inside_an_answer(script):
    _, traces = client(script, {"data": None, "errors": [{"code": 500, "msg": "storage is away"}]})
    with pytest.raises(ServiceError, match="storage is away"):
        await traces.services()
    _, traces = client(script, ["what"])
    with pytest.raises(ServiceError, match="no data"):
        await traces.services()


@pytest.mark.parametrize("data", [[{}], [{"spans": [{}]}], [5], [{"spans": [{"traceID": 1, "tags": [{}]}]}]])
async def test_traces_of_another_shape_are_an_error(script, data):
    _, jaeger = client(script, {"data": data})
    with pytest.raises(ServiceError, match="not as expected"):
        await jaeger.traces("cart", 0, 10)
