"""The HTTP API, in process."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from aiops.lab.forms import FORM
from aiops.lab.prometheus import prometheus_app
from aiops.lab.promql.formatting import format_float, format_sample, format_scientific
from tests.lab.prometheus.conftest import Bench


@pytest.fixture
async def api(bench: Bench) -> AsyncIterator[httpx2.AsyncClient]:
    bench.run(75, geo=0.2, rate=0.01)
    app = prometheus_app(bench.store, bench.rules, lambda: 60.0)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://prometheus") as client:
        yield client


async def data(api: httpx2.AsyncClient, path: str, **params: Any) -> Any:
    reply = await api.get(f"/api/v1/{path}", params={name.replace("match", "match[]"): v for name, v in params.items()})
    assert reply.status_code == 200, reply.text
    body = reply.json()
    assert body["status"] == "success"
    return body["data"]


async def test_instant_query(api: httpx2.AsyncClient) -> None:
    assert await data(api, "query", query='errors{service="geo"}') == {
        "resultType": "vector",
        "result": [
            {"metric": {"__name__": "errors", "namespace": "shop", "service": "geo"}, "value": [60.0, "0.2"]},
        ],
    }
    assert await data(api, "query", query="1/0") == {"resultType": "scalar", "result": [60.0, "+Inf"]}
    assert await data(api, "query", query='"x"', time=30) == {"resultType": "string", "result": [30.0, "x"]}
    matrix = await data(api, "query", query='errors{service="geo"}[30s]', time="1970-01-01T00:01:00Z")
    assert matrix["result"][0]["values"] == [[30.0, "0.2"], [45.0, "0.2"], [60.0, "0.2"]]


async def test_range_query(api: httpx2.AsyncClient) -> None:
    found = await data(api, "query_range", query="sum(errors)", start=30, end=60, step="15s")
    assert found == {
        "resultType": "matrix",
        "result": [
            {
                "metric": {},
                "values": [[30.0, "0.21000000000000002"], [45.0, "0.21000000000000002"], [60.0, "0.21000000000000002"]],
            }
        ],
    }


async def test_a_query_may_be_posted(api: httpx2.AsyncClient) -> None:
    reply = await api.post("/api/v1/query", data={"query": "count(errors)", "time": "60"})
    assert reply.json()["data"]["result"][0]["value"] == [60.0, "2"]
    reply = await api.post("/api/v1/query?query=1", data={"query": "2"})
    assert reply.json()["data"]["result"][1] == "2"


@pytest.mark.parametrize(
    ("path", "params", "status", "kind", "message"),
    [
        ("query", {"query": "sum("}, 400, "bad_data", "unclosed"),
        ("query", {}, 400, "bad_data", "no expression"),
        ("query", {"query": "errors", "time": "yesterday"}, 400, "bad_data", 'parameter "time"'),
        ("query", {"query": "errors", "time": "inf"}, 400, "bad_data", 'parameter "time"'),
        ("query", {"query": "errors * on(namespace) errors"}, 422, "execution", "duplicate series"),
        ("query", {"query": "mad_over_time(errors[1m])"}, 400, "bad_data", "mad_over_time"),
        ("query_range", {"query": "errors", "end": 1, "step": 1}, 400, "bad_data", 'parameter "start"'),
        ("query_range", {"query": "errors", "start": 0, "end": 1, "step": "x"}, 400, "bad_data", 'parameter "step"'),
        ("query_range", {"query": "errors", "start": 0, "end": 1, "step": "nan"}, 400, "bad_data", 'parameter "step"'),
        ("query_range", {"query": "errors", "start": 0, "end": 1e6, "step": 1}, 400, "bad_data", "11,000"),
        ("series", {}, 400, "bad_data", "match[]"),
        ("series", {"match[]": "sum(errors)"}, 400, "bad_data", "more than a series selector"),
        ("series", {"match[]": "errors offset 5m"}, 400, "bad_data", "more than a series selector"),
        ("series", {"match[]": "{}"}, 400, "bad_data", "at least one non-empty matcher"),
        ("query", {"query": "errors", "timeout": "soon"}, 400, "bad_data", 'parameter "timeout"'),
        ("query", {"query": "errors", "timeout": "0"}, 503, "timeout", "timed out"),
        ("query", {"query": "max_over_time(errors[9y:1ms])"}, 422, "execution", "too many samples"),
        ("query_range", {"query": "1", "start": 5, "end": 1, "step": 1}, 400, "bad_data", "before start"),
        ("query_range", {"query": "1", "start": 0, "end": 1, "step": 0}, 400, "bad_data", "zero or negative"),
        ("query_range", {"query": "1", "start": 0, "end": 1, "step": 0.0001}, 400, "bad_data", "zero or negative"),
        ("query_exemplars", {"query": "1", "start": 5, "end": 1}, 400, "bad_data", "before start"),
        ("format_query", {"query": "sum("}, 400, "bad_data", 'parameter "query"'),
        ("metadata", {"limit": "few"}, 400, "bad_data", "limit must be a number"),
        ("label/0bad/values", {}, 400, "bad_data", "0bad"),
        ("rules", {"type": "odd"}, 400, "bad_data", "odd"),
    ],
)
async def test_refusals(
    api: httpx2.AsyncClient, path: str, params: dict[str, Any], status: int, kind: str, message: str
) -> None:
    reply = await api.get(f"/api/v1/{path}", params=params)
    body = reply.json()
    assert (reply.status_code, body["status"], body["errorType"]) == (status, "error", kind)
    assert message in body["error"]


async def test_a_form_that_is_no_form(api: httpx2.AsyncClient) -> None:
    form = {"content-type": FORM}
    for content in (b"\xff\xfe=", b"x" * 1_100_000):
        assert (await api.post("/api/v1/query?query=1", content=content, headers=form)).status_code == 400
    for kind in ("application/json", "text/plain"):
        reply = await api.post("/api/v1/query", content=b"query=1", headers={"content-type": kind})
        assert "no expression" in reply.json()["error"]
    assert (await api.get("/api/v1/unknown")).status_code == 404


async def test_names_and_values(api: httpx2.AsyncClient) -> None:
    assert await data(api, "series", match='errors{service="geo"}') == [
        {"__name__": "errors", "namespace": "shop", "service": "geo"}
    ]
    assert await data(api, "labels", match="errors") == ["__name__", "namespace", "service"]
    assert await data(api, "label/service/values", match="errors") == ["geo", "rate"]
    assert await data(api, "label/__name__/values") == ["ALERTS", "errors"]
    assert await data(api, "label/service/values", start=1000, end=2000) == []


async def test_metadata(api: httpx2.AsyncClient, bench: Bench) -> None:
    names = ["http_bucket", "http_count", "http_sum", "restarts_total", "some_count", "pause_count", "pause_sum", "up"]
    names += ["nginx_ingress_controller_requests", "DCGM_FI_DEV_ECC_DBE_VOL_TOTAL", "node_vmstat_oom_kill", "a:b"]
    ids = [bench.store.series(name, {}) for name in names]
    bench.store.append(60, ids, np.ones(len(ids)), target="other")
    found = {name: entries[0]["type"] for name, entries in (await data(api, "metadata")).items()}
    assert found == {
        "DCGM_FI_DEV_ECC_DBE_VOL_TOTAL": "counter",
        "errors": "gauge",
        "http": "histogram",
        "nginx_ingress_controller_requests": "counter",
        "node_vmstat_oom_kill": "unknown",
        "pause": "summary",
        "restarts_total": "counter",
        "some_count": "gauge",
    }
    assert list(await data(api, "metadata", metric="http")) == ["http"]


async def test_rules_and_alerts(api: httpx2.AsyncClient) -> None:
    (group,) = (await data(api, "rules"))["groups"]
    (rule,) = group["rules"]
    assert (rule["name"], rule["state"], rule["health"], rule["duration"]) == ("ErrorsHigh", "firing", "ok", 60.0)
    (alert,) = (await data(api, "alerts"))["alerts"]
    assert (alert["state"], alert["value"], alert["activeAt"]) == ("firing", "2e-01", "1970-01-01T00:00:00.000000Z")
    assert (await data(api, "rules", type="record"))["groups"][0]["rules"] == []


async def test_rules_of_each_kind() -> None:
    record = {"record": "all:errors", "expr": "sum(errors)"}
    bench = Bench({"groups": [{"name": "slo", "rules": [record, {"alert": "High", "expr": "errors > 1"}], "limit": 9}]})
    bench.run(15, geo=0.5)
    app = prometheus_app(bench.store, bench.rules, lambda: 15.0)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://prometheus") as api:
        for kind, names in (("record", ["all:errors"]), ("alert", ["High"]), ("", ["all:errors", "High"])):
            (group,) = (await data(api, "rules", type=kind))["groups"]
            assert [rule["name"] for rule in group["rules"]] == names
            assert group["limit"] == 9
        assert group["rules"][0] == {
            "name": "all:errors",
            "query": "sum(errors)",
            "health": "ok",
            "evaluationTime": 0.0,
            "lastEvaluation": "1970-01-01T00:00:00.000000Z",
            "type": "recording",
        }


async def test_targets_are_those_that_say_they_are_up(api: httpx2.AsyncClient, bench: Bench) -> None:
    bench.store.append(60, [bench.store.series("up", {"job": "node"})], np.ones(1), target="up")
    (target,) = (await data(api, "targets"))["activeTargets"]
    assert (target["labels"], target["health"]) == ({"job": "node"}, "up")


async def test_targets_by_state_and_pool(api: httpx2.AsyncClient, bench: Bench) -> None:
    ids = [bench.store.series("up", {"job": job, "instance": f"{job}:80"}) for job in ("node", "api")]
    bench.store.append(60, ids, np.array([1.0, 0.0]), target="up")
    healths = {one["scrapeUrl"]: one["health"] for one in (await data(api, "targets"))["activeTargets"]}
    assert healths == {"http://node:80/metrics": "up", "http://api:80/metrics": "down"}
    assert (await data(api, "targets", state="dropped"))["activeTargets"] == []
    (target,) = (await data(api, "targets", scrapePool="api"))["activeTargets"]
    assert target["labels"]["job"] == "api"
    config = (await data(api, "status/config"))["yaml"]
    assert [job["job_name"] for job in yaml.safe_load(config)["scrape_configs"]] == ["api", "node"]


async def test_samples_for_another_prometheus(api: httpx2.AsyncClient, bench: Bench) -> None:
    ids = [bench.store.series("size", {"name": 'a"b'}), bench.store.series("size", {"instance": "x"})]
    bench.store.append(60, ids, np.array([1_000_000.0, math.nan]), target="other")
    reply = await api.get("/federate", params=[("match[]", 'errors{service="geo"}'), ("match[]", "size")])
    assert reply.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert reply.text.splitlines() == [
        "# TYPE errors untyped",
        'errors{namespace="shop",service="geo",instance=""} 0.2 60000',
        "# TYPE size untyped",
        'size{instance="x"} NaN 60000',
        'size{name="a\\"b",instance=""} 1e+06 60000',
    ]
    assert (await api.get("/federate", params={"match[]": "sum("})).status_code == 400


async def test_what_the_server_says_of_itself(api: httpx2.AsyncClient) -> None:
    cardinalities = await data(api, "status/tsdb")
    assert cardinalities["headStats"]["numSeries"] == 4  # two services, an alert that was pending and fires
    assert {"name": "namespace", "value": 1} in cardinalities["labelValueCountByLabelName"]
    assert cardinalities["seriesCountByMetricName"] == [{"name": "ALERTS", "value": 2}, {"name": "errors", "value": 2}]
    for path in ("status/flags", "status/runtimeinfo", "status/walreplay", "alertmanagers"):
        assert await data(api, path)
    assert await data(api, "query_exemplars", query="errors") == []
    assert await data(api, "format_query", query="sum(errors)by(service)") == "sum by (service) (errors)"
    assert [one["metric"] for one in await data(api, "targets/metadata", limit=1)] == ["errors"]


async def test_moments_between_seconds(api: httpx2.AsyncClient) -> None:
    reply = await api.get("/api/v1/query_range", params={"query": "1", "start": 0.25, "end": 3, "step": 1.75})
    assert '"values":[[0.250,"1"],[2,"1"]]' in reply.text


async def test_health(api: httpx2.AsyncClient) -> None:
    assert (await api.get("/-/healthy")).status_code == 200
    assert (await api.get("/-/ready")).status_code == 200
    assert (await data(api, "status/buildinfo"))["version"] == "2.42.0"


@given(st.floats())
def test_numbers_read_back(value: float) -> None:
    for text in (format_float(value), format_sample(value), format_scientific(value)):
        assert float(text) == value or math.isnan(value)
    assert "e" not in format_float(value).lower()


@pytest.mark.parametrize(
    ("value", "plain", "sample"),
    [
        (1.0, "1", "1"),
        (0.1, "0.1", "0.1"),
        (1e20, "100000000000000000000", "100000000000000000000"),
        (1e21, "1000000000000000000000", "1e+21"),
        (1e-7, "0.0000001", "1e-07"),
        (-0.0, "-0", "-0"),
    ],
)
def test_numbers_as_prometheus_writes_them(value: float, plain: str, sample: str) -> None:
    assert (format_float(value), format_sample(value)) == (plain, sample)
