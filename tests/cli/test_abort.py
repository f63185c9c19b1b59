"""When an experiment ends before its time."""

from __future__ import annotations

import json

import pytest

from aiops.cli import abort
from aiops.cli.abort import AbortGuard
from aiops.core.errors import InvalidInputError
from tests.support.receiver import receiving, status

SUFFERING = "job:errors:ratio > 0.05"


def gives(*values: float) -> bytes:
    result = [{"metric": {}, "value": [1.0, str(value)]} for value in values]
    body = {"status": "success", "data": {"resultType": "vector", "result": result}}
    return status(200, "Content-Type: application/json", body=json.dumps(body).encode())


async def test_it_ends_as_soon_as_the_query_gives_something(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(abort, "EVERY", 0.01)
    async with receiving() as prometheus:
        prometheus.answer = lambda number: gives() if number < 3 else gives(0.2)
        assert await AbortGuard.of(SUFFERING, prometheus.url, held=True).hold(60.0)
        assert len(prometheus.requests) == 3


async def test_its_time_is_over_where_nothing_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(abort, "EVERY", 0.01)
    async with receiving() as prometheus:
        prometheus.answer = lambda number: gives()
        assert not await AbortGuard.of(SUFFERING, prometheus.url, held=True).hold(0.05)
        assert prometheus.requests
    assert not await AbortGuard.of(None, None, held=True).hold(0.01)


async def test_it_ends_where_nobody_watches() -> None:
    async with receiving() as prometheus:
        prometheus.answer = lambda number: status(400)
        assert await AbortGuard.of(SUFFERING, prometheus.url, held=True).hold(60.0)


@pytest.mark.parametrize(
    ("promql", "url", "held", "told"),
    [(SUFFERING, None, True, "one needs the other"), (None, "http://x", True, "one needs the other"),
     (SUFFERING, "http://x", False, "say with --for")],
)  # fmt: skip
def test_options_that_lack_another(promql: str | None, url: str | None, held: bool, told: str) -> None:
    with pytest.raises(InvalidInputError, match=told):
        AbortGuard.of(promql, url, held=held)
