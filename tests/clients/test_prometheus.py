"""The Prometheus client."""

from __future__ import annotations

from urllib.parse import parse_qs

import httpx2
import numpy as np
import pytest

from aiops.clients.prometheus import PrometheusClient
from aiops.core.errors import InvalidInputError, ServiceError


def client(script, data, status=200):
    body = {"status": "success", "data": data} if status == 200 else data
    made = script(lambda _: httpx2.Response(status, json=body))
    return made, PrometheusClient.at("http://prometheus:9090", transport=made.transport)


async def test_instant_vectors(script):
    data = {"resultType": "vector", "result": [{"metric": {"pod": "a"}, "value": [10.5, "NaN"]}]}
    made, metrics = client(script, data)
    (series,) = await metrics.query("up", 10.5)
    assert series.labels == {"pod": "a"}
    assert np.isnan(series.values[0])
    assert dict(made.requests[0].url.params) == {"query": "up", "time": "10.5"}


async def test_scalars_and_range_selectors(script):
    _, metrics = client(script, {"resultType": "scalar", "result": [1, "3"]})
    assert [s.values.tolist() for s in await metrics.query("3", 1)] == [[3.0]]
    _, metrics = client(script, {"resultType": "matrix", "result": [{"metric": {}, "values": [[1, "3"], [2, "4"]]}]})
    assert [s.values.tolist() for s in await metrics.query("up[1m]", 1)] == [[3.0, 4.0]]


async def test_strings_are_no_series(script):
    _, metrics = client(script, {"resultType": "string", "result": [1, "x"]})
    with pytest.raises(InvalidInputError, match="gives a string"):
        await metrics.query('"x"', 1)


async def test_ranges(script):
    result = [{"metric": {"__name__": "up"}, "values": [[1000, "1"], [1015, "+Inf"], [1030, "-Inf"]]}]
    made, metrics = client(script, {"resultType": "matrix", "result": result})
    (series,) = await metrics.query_range("up", 1000.0, 1030.0, 15)
    assert series.name == "up"
    assert series.times.tolist() == [1000, 1015, 1030]
    assert series.values.tolist() == [1, np.inf, -np.inf]
    assert dict(made.requests[0].url.params) == {"query": "up", "start": "1000", "end": "1030", "step": "15"}


async def test_long_queries_go_into_the_body(script):
    made, metrics = client(script, {"resultType": "vector", "result": []})
    query = " + ".join(["up"] * 800)
    await metrics.query(query, 1)
    assert made.requests[0].method == "POST"
    assert parse_qs(made.requests[0].content.decode())["query"] == [query]


@pytest.mark.parametrize("status", [400, 422])
async def test_a_refused_query_is_named(script, status):
    _, metrics = client(script, {"status": "error", "error": "1:3: parse error"}, status)
    with pytest.raises(InvalidInputError, match=r"parse error \(query: up\{\)"):
        await metrics.query("up{", 1)


async def test_an_answer_without_data_is_an_error(script):
    made = script(lambda _: httpx2.Response(200, json={"status": "error"}))
    with pytest.raises(ServiceError, match="no data"):
        await PrometheusClient.at("http://p", transport=made.transport).alerts()


async def test_rules_alerts_and_metadata(script):
    _, metrics = client(script, {"groups": [{"name": "slo", "rules": [{"name": "Errors", "state": "firing"}]}]})
    assert await metrics.rules() == [{"name": "Errors", "state": "firing", "group": "slo"}]
    _, metrics = client(script, {"alerts": [{"state": "firing"}]})
    assert await metrics.alerts() == [{"state": "firing"}]
    made, metrics = client(script, {"up": [{"type": "gauge", "help": "", "unit": ""}]})
    assert (await metrics.metadata("up"))["up"][0]["type"] == "gauge"
    assert dict(made.requests[0].url.params) == {"metric": "up"}


@pytest.mark.parametrize("result", [[{}], [{"metric": {}, "values": [[1]]}], [{"metric": {}, "values": [[1, "x"]]}], 5])
async def test_an_answer_of_another_shape_is_an_error(script, result):
    _, prometheus = client(script, {"resultType": "matrix", "result": result})
    with pytest.raises(ServiceError, match="not as expected"):
        await prometheus.query_range("up", 0, 10, 5)
