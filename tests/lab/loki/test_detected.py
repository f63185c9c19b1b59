"""What Loki finds in lines by itself: levels, fields, labels."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from aiops.lab.logs.entries import Written
from aiops.lab.loki.api import loki_app
from aiops.lab.loki.detected import type_of
from tests.lab.loki.shelf import Shelf

NOW = 10_000.0


@pytest.fixture
async def api() -> Any:
    shelf = Shelf(lambda: NOW)
    shelf.put(
        "cart-0",
        [
            Written(
                9100.0, "stdout", '{"level":"error","msg":"boom","pod":"mine","took":"1.5s","http":{"status":500}}'
            ),
            Written(9200.0, "stdout", '{"level":"info","msg":"fine","took":"20ms","http":{"status":200}}'),
            Written(9300.0, "stdout", "level=info size=20KB ok=true share=0.5"),
            Written(9400.0, "stdout", '{"level":"info","msg":"fine","took":"3s","http":{"status":204}}'),
        ],
    )
    shelf.put("db-0", [Written(9500.0, "stderr", "WARNING: checkpoints are too near")], namespace="data")
    transport = httpx2.ASGITransport(app=loki_app(shelf, lambda: NOW))
    async with httpx2.AsyncClient(transport=transport, base_url="http://loki") as client:
        yield client


async def _get(api: httpx2.AsyncClient, path: str, **parameters: str) -> Any:
    answer = await api.get(f"/loki/api/v1/{path}", params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def _streams(api: httpx2.AsyncClient, query: str, **headers: str) -> Any:
    answer = await api.get("/loki/api/v1/query_range", params={"query": query}, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


async def test_lines_have_the_level_that_was_detected(api: httpx2.AsyncClient) -> None:
    found = (await _streams(api, '{namespace=~".+"}'))["result"]
    counts = [(each["stream"]["app"], each["stream"]["detected_level"], len(each["values"])) for each in found]
    assert counts == [("cart", "error", 1), ("cart", "info", 3), ("db", "warn", 1)]
    found = (await _streams(api, '{app="cart"} | detected_level="error"'))["result"]
    assert [len(each["values"]) for each in found] == [1]


async def test_lines_are_counted_by_level_where_a_query_asks_for_it(api: httpx2.AsyncClient) -> None:
    times = {"start": "9999", "end": "10000", "step": "60"}
    for query in ('count_over_time({app="cart"}[1h])', 'count_over_time({app="cart"} |= "" | drop __error__ [1h])'):
        found = await _get(api, "query_range", query=f"sum by (level, detected_level) ({query})", **times)
        counts = {each["metric"]["detected_level"]: each["values"][0][1] for each in found["data"]["result"]}
        assert counts == {"error": "1", "info": "3"}
    found = await _get(api, "query_range", query='count_over_time({app="cart"}[1h])', **times)
    assert [each["values"][0][1] for each in found["data"]["result"]] == ["4"]


async def test_labels_of_a_line_are_told_apart_from_those_of_its_stream(api: httpx2.AsyncClient) -> None:
    flags = {"x-loki-response-encoding-flags": "categorize-labels"}
    data = await _streams(api, '{app="cart"} | json msg="msg"', **flags)
    assert data["encodingFlags"] == ["categorize-labels"]
    [stream] = data["result"]
    assert stream["stream"]["service_name"] == "cart"
    assert "detected_level" not in stream["stream"]
    assert [time for time, _, _ in stream["values"]] == [
        "9400000000000",
        "9300000000000",
        "9200000000000",
        "9100000000000",
    ]
    assert stream["values"][3][2] == {"structuredMetadata": {"detected_level": "error"}, "parsed": {"msg": "boom"}}


async def test_fields_have_types_and_the_parsers_that_read_them(api: httpx2.AsyncClient) -> None:
    found = {each["label"]: each for each in (await _get(api, "detected_fields", query='{app="cart"}'))["fields"]}
    assert found["detected_level"] == {"label": "detected_level", "type": "string", "cardinality": 2, "parsers": None}
    assert found["level"] == {"label": "level", "type": "string", "cardinality": 2, "parsers": ["json", "logfmt"]}
    assert found["http_status"] == {"label": "http_status", "type": "int", "cardinality": 3, "parsers": ["json"]}
    types = {name: each["type"] for name, each in found.items()}
    assert types["took"] == "duration"
    assert (types["size"], types["ok"], types["share"]) == ("bytes", "boolean", "float")
    assert found["pod_extracted"]["cardinality"] == 1
    few = await _get(api, "detected_fields", query='{app="cart"}', limit="2", line_limit="1")
    assert (len(few["fields"]), few["limit"]) == (2, 2)


async def test_values_of_a_field(api: httpx2.AsyncClient) -> None:
    found = await _get(api, "detected_field/http_status/values", query='{app="cart"}')
    assert found == {"values": ["200", "204", "500"], "limit": 1000}
    assert (await _get(api, "detected_field/nope/values", query='{app="cart"}'))["values"] == []


async def test_labels_have_numbers_of_values(api: httpx2.AsyncClient) -> None:
    found = {each["label"]: each["cardinality"] for each in (await _get(api, "detected_labels"))["detectedLabels"]}
    assert (found["namespace"], found["stream"], found["node_name"]) == (2, 2, 1)
    found = {
        each["label"]: each["cardinality"]
        for each in (await _get(api, "detected_labels", query='{app="db"}'))["detectedLabels"]
    }
    assert set(found.values()) == {1}


async def test_a_query_is_written_anew(api: httpx2.AsyncClient) -> None:
    found = await _get(api, "format_query", query='sum by(app)(rate({app="x"}|="a"|json[5m]))')
    assert found["data"] == 'sum by (app) (rate({app="x"} |= "a" | json [5m]))'


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("detected_fields", {}),
        ("detected_fields", {"query": "vector(1)"}),
        ("detected_fields", {"query": '{app="x"}', "line_limit": "0"}),
        ("detected_fields", {"query": '{app="x"}', "limit": "x"}),
        ("detected_field/a/values", {"query": "{"}),
        ("detected_labels", {"query": "{"}),
        ("format_query", {"query": "sum("}),
    ],
)
async def test_what_cannot_be_answered_is_refused(api: httpx2.AsyncClient, path: str, asked: dict[str, str]) -> None:
    assert (await api.get(f"/loki/api/v1/{path}", params=asked)).status_code == 400


@pytest.mark.parametrize(
    ("values", "kind"),
    [(["1", "-2"], "int"), (["1", "2.5"], "float"), (["1", "x"], "string"), (["5m"], "duration"), (["5MB"], "bytes")],
)
def test_a_field_has_the_type_of_all_its_values(values: list[str], kind: str) -> None:
    assert type_of(values) == kind
