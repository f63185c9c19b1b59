"""What a real Prometheus 2.42 answers to the same queries over the same samples, by the same HTTP API."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from aiops.lab.prometheus import RuleEngine, prometheus_app
from tests.lab.promql.differential import samples, server
from tests.lab.promql.differential.compare import difference
from tests.lab.promql.differential.generated import Generator
from tests.lab.promql.differential.queries import QUERIES

MISSING = server.missing()
pytestmark = pytest.mark.skipif(bool(MISSING), reason=MISSING)

START = samples.START / 1000
MOMENTS = (START + 1500, START + 3300.123, START + 420)
"""Inside the block, in what was sent later, and as old as a sample can be."""

RANGES = ((START + 60, START + 3900, 47), (START + 3001.5, START + 3200, 15))
CASES = [("query", {"time": moment}) for moment in MOMENTS]
CASES += [("query_range", {"start": start, "end": end, "step": step}) for start, end, step in RANGES]
GENERATED = 400


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx2.Client]:
    folder: Path = tmp_path_factory.mktemp("prometheus")
    with (
        server.prometheus(folder, samples.groups(), samples.TAIL) as address,
        httpx2.Client(base_url=f"{address}/api/v1/", timeout=60) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def app() -> Any:
    store = samples.store_of(samples.groups())
    return prometheus_app(store, RuleEngine((), store), lambda: samples.END / 1000)


@pytest.fixture
async def ours(app: Any) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://ours/api/v1/") as client:
        yield client


async def differences(
    ours: httpx2.AsyncClient, real: httpx2.Client, queries: list[str], cases: list[tuple[str, dict[str, Any]]]
) -> list[str]:
    found = []
    for query in queries:
        for path, params in cases:
            mine = await ours.get(path, params={"query": query, **params})
            theirs = real.get(path, params={"query": query, **params})
            what = difference(query, mine.json(), theirs.json())
            if mine.status_code != theirs.status_code:
                what = f"status {mine.status_code} instead of {theirs.status_code}; {what}"
            if what:
                found.append(f"{query}  {path} {params}: {what}")
    return found


@pytest.mark.parametrize("part", QUERIES)
async def test_queries(ours: httpx2.AsyncClient, real: httpx2.Client, part: str) -> None:
    assert await differences(ours, real, QUERIES[part], CASES) == []


REQUESTS = """
query?query=1&time=1700001500.5
query?query=1&time=2023-11-14T22:38:20Z
query?query=1&time=2023-11-14T22:38:20.5%2B01:00
query?query=1&time=abc
query?query=1&timeout=abc
query?query=sum(
query
query_range?query=1&start=1&end=2&step=
query_range?query=1&start=1&end=2&step=abc
query_range?query=1&start=1&end=2&step=0
query_range?query=1&start=1&end=2&step=-1
query_range?query=1&start=1&end=2&step=1m1
query_range?query=1&start=1&end=2&step=1ms
query_range?query=1&start=2&end=1&step=1
query_range?query=1&start=&end=1&step=1
query_range?query=1&start=1&end=x&step=1
query_range?query=1&start=0&end=11000&step=1
query_range?query=1&start=0&end=11001&step=1
query_range?query="a"&start=0&end=1&step=1
query_range?query=node_load1[5m]&start=0&end=1&step=1
query_range?query=time()&start=0.5&end=3&step=1.5
query_range?query=1&start=0&end=1&step=1e30
query_range?query=1&start=0&end=1&step=1&timeout=x
series
series?match[]=node_load1&start=1700000000&end=1700000100
series?match[]=node_load1&start=1600000000&end=1600000100
series?match[]=node_load1{node="a"}&match[]=node_info{node="b"}
series?match[]={}
series?match[]=node_load1&start=5&end=1
series?match[]=node_load1&start=x
labels
labels?match[]=node_load1
labels?match[]=node_load1&match[]=node_info
label/node/values
label/__name__/values
label/node/values?match[]=node_load1{zone="east"}
label/nothing/values
label/0bad/values
metadata?limit=x
targets
targets?state=dropped
targets?state=other
rules
rules?type=alert
rules?type=x
alerts
status/walreplay
query_exemplars?query=node_load1&start=0&end=1
query_exemplars?query=node_load1&start=3&end=1
format_query?query=sum(node_load1)by(zone)
format_query?query=sum%20by(zone)(rate(foo[5m]))/on(a)group_left(b)bar{a="b",c=~"d"}>bool%201%20or%20vector(1)
"""


async def test_other_requests(ours: httpx2.AsyncClient, real: httpx2.Client) -> None:
    for request in REQUESTS.split():
        mine, theirs = await ours.get(request), real.get(request)
        assert mine.status_code == theirs.status_code, request
        if "parse error" not in theirs.text:
            assert mine.json() == theirs.json(), request


async def test_numbers_of_series(ours: httpx2.AsyncClient, real: httpx2.Client) -> None:
    mine, theirs = (await ours.get("status/tsdb")).json()["data"], real.get("status/tsdb").json()["data"]
    assert mine["headStats"]["numLabelPairs"] == theirs["headStats"]["numLabelPairs"]
    for table in ("seriesCountByMetricName", "labelValueCountByLabelName", "memoryInBytesByLabelName"):
        assert [row["value"] for row in mine[table]] == [row["value"] for row in theirs[table]], table


@pytest.mark.parametrize("first", range(0, GENERATED, 100))
async def test_generated_queries(ours: httpx2.AsyncClient, real: httpx2.Client, first: int) -> None:
    queries = [Generator(seed).query() for seed in range(first, first + 100)]
    cases = [
        ("query", {"time": START + 1500.5}),
        ("query_range", {"start": START + 2400, "end": START + 3500, "step": 61}),
    ]
    assert await differences(ours, real, queries, cases) == []
