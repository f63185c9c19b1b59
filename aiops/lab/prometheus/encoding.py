"""JSON as Prometheus writes it: numbers of samples are strings, times are seconds."""

from __future__ import annotations

from typing import Any

import orjson
from starlette.responses import Response

from aiops.lab.promql import InstantVector, Matrix, Result, ScalarResult
from aiops.lab.promql.formatting import format_sample


def answer(data: Any) -> Response:
    return Response(orjson.dumps({"status": "success", "data": data}), media_type="application/json")


def failure(status: int, kind: str, message: str) -> Response:
    """`kind` is Prometheus' errorType: `bad_data` or `execution`."""
    body = {"status": "error", "errorType": kind, "error": message}
    return Response(orjson.dumps(body), status, media_type="application/json")


def result_data(result: Result) -> dict[str, Any]:
    """`resultType` and `result` of an answer."""
    if isinstance(result, InstantVector):
        samples = [
            {"metric": dict(labels), "value": [result.time, format_sample(value)]} for labels, value in result.samples
        ]
        return {"resultType": "vector", "result": samples}
    if isinstance(result, Matrix):
        series = [
            {
                "metric": one.labels,
                "values": [
                    [time, format_sample(value)]
                    for time, value in zip(one.times.tolist(), one.values.tolist(), strict=True)
                ],
            }
            for one in result.series
        ]
        return {"resultType": "matrix", "result": series}
    if isinstance(result, ScalarResult):
        return {"resultType": "scalar", "result": [result.time, format_sample(result.value)]}
    return {"resultType": "string", "result": [result.time, result.value]}
