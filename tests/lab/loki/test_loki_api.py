from __future__ import annotations

from typing import Any

import httpx2
import pytest

from aiops.lab.forms import FORM
from aiops.lab.logs.entries import Written
from aiops.lab.loki.api import loki_app
from tests.lab.loki.shelf import Shelf

NOW = 10_000.0


@pytest.fixture
def shelf() -> Shelf:
    shelf = Shelf(lambda: NOW)
    access = [
        Written(9000.0 + 10 * n, "stdout", f"level=info method=GET path=/x status={200 if n % 4 else 503} took={n}ms")
        for n in range(100)
    ]
    shelf.put("web-0", access)
    shelf.put(
        "cart-0",
        [
            Written(9100.0, "stderr", '{"level":"error","msg":"boom","http":{"status":500},"tags":["a"],"ms":1.5}'),
            Written(9200.0, "stdout", '{"level":"info","msg":"fine","http":{"status":200},"ms":2.5}'),
            Written(9300.0, "stdout", "not json"),
        ],
    )
    shelf.put("cart-0", [Written(9400.0, "stdout", '{"level":"info","msg":"again","ms":3}')], run=1)
    shelf.put("db-0", [Written(9500.0, "stderr", "ready")], namespace="data")
    return shelf


@pytest.fixture
async def api(shelf: Shelf) -> Any:
    transport = httpx2.ASGITransport(app=loki_app(shelf, lambda: NOW))
    async with httpx2.AsyncClient(transport=transport, base_url="http://loki") as client:
        yield client


async def _data(api: httpx2.AsyncClient, path: str, **parameters: Any) -> Any:
    answer = await api.get(f"/loki/api/v1/{path}", params=parameters)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["status"] == "success"
    return body["data"]


async def _lines(api: httpx2.AsyncClient, query: str, **parameters: Any) -> list[str]:
    found = await _data(api, "query_range", query=query, **{"limit": "1000", **parameters})
    assert found["resultType"] == "streams"
    pairs = sorted((int(time), line) for stream in found["result"] for time, line in stream["values"])
    return [line for _, line in pairs]


async def _matrix(api: httpx2.AsyncClient, query: str, **parameters: Any) -> dict[str, dict[float, float]]:
    found = await _data(
        api, "query_range", query=query, **{"step": "100", "start": "9000", "end": "10000", **parameters}
    )
    assert found["resultType"] == "matrix"
    return {
        ",".join(f"{k}={v}" for k, v in series["metric"].items()): {t: float(v) for t, v in series["values"]}
        for series in found["result"]
    }


async def test_labels_are_those_of_a_collector(api: httpx2.AsyncClient) -> None:
    names = ["app", "container", "job", "namespace", "node_name", "pod", "service_name", "stream"]
    assert await _data(api, "labels") == names
    assert await _data(api, "label/app/values") == ["cart", "db", "web"]
    assert await _data(api, "label/app/values", query='{namespace="data"}') == ["db"]
    assert await _data(api, "label/app/values", start="9450", end="9600") == ["db", "web"]
    assert await _data(api, "label/nope/values") == []


async def test_series(api: httpx2.AsyncClient) -> None:
    found = await _data(api, "series", **{"match[]": '{app="cart"}'})
    assert [series["stream"] for series in found] == ["stderr", "stdout"]
    assert found[0] == {
        "app": "cart", "container": "main", "job": "shop/cart", "namespace": "shop", "node_name": "node-1",
        "pod": "cart-0", "service_name": "cart", "stream": "stderr",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ('{app="web"}', 100),
        ('{app="web"} |= "503"', 25),
        ('{app="web"} != "503"', 75),
        ('{app="web"} |> "<_>path=/x status=503<_>"', 25),
        ('{app="web"} |> "path=/x<_>"', 0),
        ('{app="web"} |> "level=info <_>took=1ms" or "<_>took=2ms"', 2),
        ('{app="web"} !> "<_>path=/x status=503<_>"', 75),
        ('{app="web"} | logfmt |> "<_>took=1ms" | status="200"', 1),
        ('{app="web"} |= "503" or "took=1ms"', 26),
        ('{app="web"} |~ "took=[0-4]ms"', 5),
        ('{app="web"} !~ "took=..ms"', 10),
        ('{app="web"} | logfmt | status="503"', 25),
        ('{app="web"} | logfmt | status >= 500', 25),
        ('{app="web"} | logfmt | took > 90ms', 9),
        ('{app="web"} | logfmt | took > 90ms and status = 503 or took < 1ms', 3),
        ('{app="web"} | pattern "level=<level> <_> path=<path> <_>" | path="/x"', 100),
        ('{app="web"} | regexp "took=(?P<n>\\\\d+)ms" | n < 10', 10),
        ('{app=~"cart|db"}', 5),
        ('{app="cart", stream="stderr"}', 1),
        ('{app="cart"} | json | level="error"', 1),
        ('{app="cart"} | json | http_status=500', 2),
        ('{app="cart"} | json | __error__="JSONParserErr"', 1),
        ('{app="cart"} | json code="http.status", first="tags[0]" | code="500", first="a"', 1),
        ('{app="cart"} | json | ms > 2 | __error__=""', 2),
        ('{app="gone"}', 0),
    ],
)
async def test_lines_of_a_query(api: httpx2.AsyncClient, query: str, count: int) -> None:
    assert len(await _lines(api, query)) == count


async def test_lines_and_labels_can_be_written_anew(api: httpx2.AsyncClient) -> None:
    query = '{app="cart"} | json | level="error" | line_format "{{.msg | ToUpper}} on {{.pod}}"'
    assert await _lines(api, query) == ["BOOM on cart-0"]
    query = '{app="cart"} | json | level="error" | label_format severity=level, what="{{.msg}}!" | keep severity, what'
    found = await _data(api, "query_range", query=query)
    assert found["result"][0]["stream"] == {"severity": "error", "what": "boom!"}
    found = await _data(api, "query_range", query='{app="db"} | drop pod, job="other", stream=~"std.*"')
    kept = ["app", "container", "detected_level", "job", "namespace", "node_name", "service_name"]
    assert sorted(found["result"][0]["stream"]) == kept


async def test_labels_of_a_line_give_way_to_those_of_its_stream(api: httpx2.AsyncClient, shelf: Shelf) -> None:
    shelf.put("log-0", [Written(9000.0, "stdout", "app=mine x=1")])
    found = await _data(api, "query_range", query='{app="log"} | logfmt')
    assert found["result"][0]["stream"]["app"] == "log"
    assert found["result"][0]["stream"]["app_extracted"] == "mine"


async def test_direction_and_limit(api: httpx2.AsyncClient) -> None:
    newest = await _data(api, "query_range", query='{app="web"}', limit="2")
    assert [time for time, _ in newest["result"][0]["values"]] == ["9990000000000", "9980000000000"]
    oldest = await _data(api, "query_range", query='{app="web"}', limit="2", direction="forward")
    assert [time for time, _ in oldest["result"][0]["values"]] == ["9000000000000", "9010000000000"]
    assert newest["stats"]["summary"]["totalEntriesReturned"] == 2


@pytest.mark.parametrize(
    "bounds",
    [
        {"start": "9100", "end": "9200"},
        {"start": "9100000000000", "end": "9200000000000"},
        {"start": "1970-01-01T02:31:40Z", "end": "1970-01-01T02:33:20Z"},
        {"end": "9200", "since": "100s"},
    ],
)
async def test_the_end_is_outside_of_a_range(api: httpx2.AsyncClient, bounds: dict[str, str]) -> None:
    assert len(await _lines(api, '{app="web"}', **bounds)) == 10


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ('count_over_time({app="web"}[100s])', 10.0),
        ('rate({app="web"}[100s])', 0.1),
        ('sum(count_over_time({app="web"} |= "503" [200s]))', 5.0),
        ('sum by (status) (count_over_time({app="web"} | logfmt | keep status [200s])) > 10', 15.0),
        ('bytes_over_time({app="web"} | line_format "abc" [100s])', 30.0),
        ('bytes_rate({app="web"} | line_format "abc" [100s])', 0.3),
        ('max_over_time({app="web"} | logfmt | unwrap duration(took) [100s]) by (app)', 0.05),
        ('sum_over_time({app="web"} | logfmt | unwrap status [100s]) by (app)', None),
        ('quantile_over_time(0.5, {app="web"} | logfmt | unwrap duration(took) [100s]) by (app)', 0.0455),
        ('count_over_time({app="web"}[100s]) * 2 + 1', 21.0),
        ('count_over_time({app="web"}[100s]) / count_over_time({app="web"}[200s])', 0.5),
        ('count_over_time({app="web"}[100s] offset 100s)', 10.0),
        ('absent_over_time({app="gone"}[5m])', 1.0),
        ('label_replace(count_over_time({app="web"}[100s]), "short", "$1", "app", "(.).*")', 10.0),
        ("vector(3) >= bool 3", 1.0),
        ("2 ^ 3", 8.0),
    ],
)
async def test_values_of_a_metric_query(api: httpx2.AsyncClient, query: str, expected: float | None) -> None:
    if expected is None:
        answer = await api.get("/loki/api/v1/query_range", params={"query": query})
        assert answer.status_code == 400
        assert "grouping not allowed for sum_over_time aggregation" in answer.text
        return
    [series] = (await _matrix(api, query)).values()
    assert series[9500] == pytest.approx(expected)


async def test_groups(api: httpx2.AsyncClient) -> None:
    found = await _matrix(api, 'sum by (status) (count_over_time({app="web"} | logfmt [200s]))')
    assert {name: values[9500] for name, values in found.items()} == {"status=200": 15.0, "status=503": 5.0}
    found = await _matrix(api, 'avg without (took, path, method, level) (rate({app="web"} | logfmt [200s]))')
    assert all("took" not in name and "status" in name for name in found)
    found = await _matrix(api, 'topk(1, sum by (status) (count_over_time({app="web"} | logfmt [200s])))')
    assert [values[9500] for values in found.values() if 9500 in values] == [15.0]
    found = await _matrix(api, 'count_over_time({app="web"}[1m]) or count_over_time({app="db"}[1m])')
    assert len(found) == 2
    found = await _matrix(
        api, 'count_over_time({app="web"}[1m]) unless on (namespace) count_over_time({app="cart"}[1m])'
    )
    assert 9100 not in next(iter(found.values()))


async def test_an_instant_query(api: httpx2.AsyncClient) -> None:
    found = await _data(api, "query", query='count_over_time({app="web"}[100s])', time="9500")
    assert found["resultType"] == "vector"
    assert found["result"][0]["value"] == [9500, "10"]
    assert (await _data(api, "query", query="1+1"))["result"] == [10000, "2"]


async def test_post_works_as_get(api: httpx2.AsyncClient) -> None:
    content = b"query=%7Bapp%3D%22db%22%7D"
    answer = await api.post("/loki/api/v1/query_range?query=x", content=content, headers={"content-type": FORM})
    assert answer.json()["data"]["result"][0]["values"] == [["9500000000000", "ready"]]


@pytest.mark.parametrize("content", [b"query=" + b"x" * 1_100_000, b"\xff\xfe="])
async def test_a_form_that_is_none_is_refused(api: httpx2.AsyncClient, content: bytes) -> None:
    answer = await api.post("/loki/api/v1/query_range", content=content, headers={"content-type": FORM})
    assert answer.status_code == 400
    assert "form values" in answer.text or "longer than" in answer.text


async def test_statistics_of_the_index(api: httpx2.AsyncClient) -> None:
    found = (await api.get("/loki/api/v1/index/stats", params={"query": '{app="web"}'})).json()
    assert (found["streams"], found["entries"]) == (1, 100)
    assert found["bytes"] > 1000


@pytest.mark.parametrize(
    ("path", "parameters", "message"),
    [
        ("query_range", {}, "unexpected $end"),
        ("query_range", {"query": "{"}, "parse error at line 1, col 2"),
        ("query_range", {"query": '{a="b"}', "limit": "9999"}, "max entries limit per query exceeded"),
        ("query_range", {"query": '{a="b"}', "limit": "x"}, "invalid syntax"),
        ("query_range", {"query": '{a="b"}', "limit": "0"}, "limit must be a positive value"),
        ("query_range", {"query": '{a="b"}', "direction": "up"}, "invalid direction 'up'"),
        ("query_range", {"query": '{a="b"}', "start": "x"}, "could not parse 'start' parameter"),
        ("query_range", {"query": '{a="b"}', "start": "9000", "end": "9000"}, "end timestamp must not be before"),
        ("query_range", {"query": '{a="b"}', "start": "-Inf"}, "could not parse 'start' parameter"),
        ("query_range", {"query": '{a="b"}', "end": "9" * 20}, "could not parse 'end' parameter"),
        ("query_range", {"query": '{a="b"}', "limit": "1_0"}, "invalid syntax"),
        ("query_range", {"query": '{a="b"}', "limit": "9" * 5000}, "invalid syntax"),
        ("query_range", {"query": "vector(1)", "step": "NaN"}, "zero or negative query resolution"),
        ("query_range", {"query": "vector(1)", "step": "1e400"}, "zero or negative query resolution"),
        ("query_range", {"query": "vector(1e400)"}, "unable to parse float"),
        ("query_range", {"query": f"vector(0x{'f' * 300})"}, "unable to parse float"),
        ("query_range", {"query": 'rate({a="b"}[9999y])'}, "unexpected DURATION"),
        ("query_range", {"query": '{a="b"} | took > 9999y'}, "unexpected DURATION"),
        ("query_range", {"query": '{a="b"}', "since": "9999y"}, "could not parse 'since' parameter"),
        ("query", {"query": "vector(1)", "time": "NaN"}, "could not parse 'time' parameter"),
        ("query_range", {"query": "vector(1)", "step": "0"}, "zero or negative query resolution"),
        ("query_range", {"query": "vector(1)", "step": "0.1"}, "exceeded maximum resolution of 11,000 points"),
        ("query", {"query": '{a="b"}'}, "log queries are not supported as an instant query type"),
        ("query", {"query": 'rate({app="cart"} | json [1h])'}, "pipeline error: 'JSONParserErr'"),
        ("query", {"query": 'sum_over_time({app="web"} | logfmt | unwrap path [1h])'}, "'SampleExtractionErr'"),
        ("series", {"match[]": "x"}, "parse error"),
        ("index/stats", {"query": '{a="b"} |= "c"'}, "only label matchers are supported"),
    ],
)
async def test_errors_are_plain_text(
    api: httpx2.AsyncClient, path: str, parameters: dict[str, str], message: str
) -> None:
    answer = await api.get(f"/loki/api/v1/{path}", params=parameters)
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("text/plain")
    assert message in answer.text


async def test_it_says_that_it_is_ready(api: httpx2.AsyncClient) -> None:
    assert (await api.get("/ready")).text == "ready\n"
    assert (await api.get("/loki/api/v1/status/buildinfo")).json()["version"] == "3.1.0"


async def test_volumes_are_bytes_of_the_largest_series(api: httpx2.AsyncClient) -> None:
    found = await _data(api, "index/volume", query='{namespace=~".+"}', start="9000", end="10000", targetLabels="app")
    assert found["resultType"] == "vector"
    assert [series["metric"] for series in found["result"]] == [{"app": "web"}, {"app": "cart"}, {"app": "db"}]
    assert found["result"][2]["value"] == [10000, "5"]
    counted = await _matrix(api, 'sum by (app) (bytes_over_time({app="web"}[1000s]))', start="9999.5", end="9999.9")
    assert float(found["result"][0]["value"][1]) == pytest.approx(next(iter(counted["app=web"].values())), rel=0.02)


async def test_volumes_are_by_the_labels_of_the_query_or_by_label(api: httpx2.AsyncClient) -> None:
    times = {"start": "9000", "end": "10000"}
    found = await _data(api, "index/volume", query='{namespace=~".+"}', **times)
    assert [series["metric"] for series in found["result"]] == [{"namespace": "shop"}, {"namespace": "data"}]
    found = await _data(api, "index/volume", query='{app="db"}', aggregateBy="labels", **times)
    assert {"metric": {"pod": ""}, "value": [10000, "5"]} in found["result"]
    assert len(found["result"]) == 8
    found = await _data(api, "index/volume", query='{namespace=~".+"}', targetLabels="app,pod", limit="1", **times)
    assert [series["metric"] for series in found["result"]] == [{"app": "web", "pod": "web-0"}]


async def test_volumes_over_a_range_add_up_to_the_whole(api: httpx2.AsyncClient) -> None:
    asked = {"query": '{app=~"web|cart"}', "start": "9000", "end": "10000", "targetLabels": "app"}
    whole = await _data(api, "index/volume", **asked)
    steps = await _data(api, "index/volume_range", step="300", **asked)
    assert steps["resultType"] == "matrix"
    for total, series in zip(whole["result"], steps["result"], strict=True):
        assert series["metric"] == total["metric"]
        assert sum(int(size) for _, size in series["values"]) == int(total["value"][1])
    assert [time for time, _ in steps["result"][0]["values"]] == [9300, 9600, 9900, 10000]


@pytest.mark.parametrize("asked", [{"aggregateBy": "x"}, {"query": "sum"}, {"limit": "0"}])
async def test_a_bad_request_for_volumes_is_refused(api: httpx2.AsyncClient, asked: dict[str, str]) -> None:
    answer = await api.get("/loki/api/v1/index/volume", params={"query": '{app="db"}', **asked})
    assert answer.status_code == 400
