"""The Loki client."""

from __future__ import annotations

import httpx2
import pytest

from aiops.clients.loki import LokiClient
from aiops.core.errors import InvalidInputError, ServiceError

STREAMS = {
    "status": "success",
    "data": {
        "resultType": "streams",
        "result": [
            {"stream": {"pod": "a"}, "values": [["2500000000", "late"], ["1500000000", "early"]]},
            {"stream": {"pod": "b"}, "values": [["2000000000", "between", {"structured": "metadata"}]]},
        ],
    },
}
MATRIX = {
    "status": "success",
    "data": {"resultType": "matrix", "result": [{"metric": {"app": "x"}, "values": [[1, "0.5"], [2.5, "3"]]}]},
}


def client(script, body, **more):
    made = script(lambda _: httpx2.Response(200, json=body))
    return made, LokiClient.of_tenant("http://loki:3100", more.pop("tenant", None), transport=made.transport, **more)


async def test_lines_come_in_the_order_of_time(script):
    made, logs = client(script, STREAMS, tenant="ops", token="s3cret")
    lines = await logs.lines('{app="x"}', 1.0, 3.0000005, limit=7)
    assert [(line.time, line.labels["pod"], line.text) for line in lines] == [
        (1.5, "a", "early"), (2.0, "b", "between"), (2.5, "a", "late")
    ]  # fmt: skip
    asked = made.requests[0]
    assert dict(asked.url.params) == {
        "query": '{app="x"}', "start": "1000000000", "end": "3000000000", "limit": "7", "direction": "backward"
    }  # fmt: skip
    assert asked.headers["x-scope-orgid"] == "ops"
    assert asked.headers["authorization"] == "Bearer s3cret"


async def test_no_tenant_is_sent_where_there_is_none(script):
    made, logs = client(script, STREAMS)
    await logs.lines('{app="x"}', 1.0, 3.0, newest=False)
    assert "x-scope-orgid" not in made.requests[0].headers
    assert made.requests[0].url.params["direction"] == "forward"


async def test_series_of_a_metric_query(script):
    made, logs = client(script, MATRIX)
    [series] = await logs.series('rate({app="x"}[1m])', 1.0, 2.5, 1.5)
    assert (series.labels, series.times.tolist(), series.values.tolist()) == ({"app": "x"}, [1.0, 2.5], [0.5, 3.0])
    assert made.requests[0].url.params["step"] == "1.5"


async def test_lines_and_series_are_told_apart(script):
    _, logs = client(script, MATRIX)
    with pytest.raises(InvalidInputError, match="gives a matrix, which is no lines"):
        await logs.lines("x", 0, 1)
    _, logs = client(script, STREAMS)
    with pytest.raises(InvalidInputError, match="gives streams, which is no series"):
        await logs.series("x", 0, 1, 1)


async def test_labels(script):
    made, logs = client(script, {"status": "success", "data": ["pod", "app"]})
    assert await logs.labels(0, 1) == ["app", "pod"]
    assert await logs.label_values("app", 0, 1) == ["app", "pod"]
    assert made.requests[1].url.path == "/loki/api/v1/label/app/values"


async def test_a_refused_query_is_an_invalid_input(script):
    made = script(lambda _: httpx2.Response(400, text="parse error at line 1, col 2: syntax error: unexpected $end\n"))
    logs = LokiClient.at("http://loki", transport=made.transport)
    with pytest.raises(InvalidInputError, match=r"parse error at line 1, col 2.*\(query: \{\)"):
        await logs.lines("{", 0, 1)
    with pytest.raises(ServiceError, match="parse error"):
        await logs.labels(0, 1)


@pytest.mark.parametrize("body", [{"status": "error"}, [], {"status": "success", "data": {"resultType": "streams"}}])
async def test_an_answer_of_another_service_is_an_error(script, body):
    _, logs = client(script, body)
    with pytest.raises(ServiceError):
        await logs.lines('{app="x"}', 0, 1)
