"""What users get, measured at the metrics of a lab whose gateway is asked over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from aiops.cli.rig import LabAddress
from aiops.cli.slo import MeasuredLevel, measure
from aiops.lab.serving import Served

NOW = 1767605400.0


def _lab(prometheus: str, objective: float) -> LabAddress:
    return LabAddress(Path(), {"prometheus": prometheus}, "t", "t", "shop", objective)


def _answering(value: Callable[[str], float | None]) -> Starlette:
    """A Prometheus that gives one value for each expression, or none."""

    async def query(request: Request) -> Response:
        asked = dict(request.query_params) or {k: v[0] for k, v in parse_qs((await request.body()).decode()).items()}
        assert float(asked["time"]) == NOW
        found = value(asked["query"])
        result = [] if found is None else [{"metric": {}, "value": [NOW, str(found)]}]
        return JSONResponse({"status": "success", "data": {"resultType": "vector", "result": result}})

    return Starlette(routes=[Route("/api/v1/query", query, methods=["GET", "POST"])])


def _values(rate: float | None, failed: float | None, p99: float | None) -> Callable[[str], float | None]:
    def value(expression: str) -> float | None:
        assert 'namespace="shop"' in expression
        if "histogram_quantile" in expression:
            return p99
        return failed if "5.." in expression else rate

    return value


@pytest.mark.parametrize(("objective", "met"), [(0.98, True), (0.999, False)])
async def test_the_objective_is_that_of_the_lab(objective: float, met: bool) -> None:
    async with Served(_answering(_values(200.0, 2.0, 0.25))) as url:
        level = await measure(_lab(url, objective), NOW)
    assert level == MeasuredLevel(0.99, 0.25, 200.0, objective)
    assert (level.met, level.as_json()["met"], level.as_json()["window"]) == (met, met, "2m")
    assert f"objective {objective:.0%}: {'met' if met else 'missed'}" in level.sentence()
    assert "99.00% good answers of 200/s, p99 250 ms" in level.sentence()


async def test_where_nobody_is_served_nothing_is_met() -> None:
    async with Served(_answering(_values(None, None, None))) as url:
        level = await measure(_lab(url, 0.0), NOW)
    assert (level.availability, level.met) == (0.0, False)
