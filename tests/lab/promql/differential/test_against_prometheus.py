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


@pytest.mark.parametrize("first", range(0, GENERATED, 100))
async def test_generated_queries(ours: httpx2.AsyncClient, real: httpx2.Client, first: int) -> None:
    queries = [Generator(seed).query() for seed in range(first, first + 100)]
    cases = [
        ("query", {"time": START + 1500.5}),
        ("query_range", {"start": START + 2400, "end": START + 3500, "step": 61}),
    ]
    assert await differences(ours, real, queries, cases) == []
