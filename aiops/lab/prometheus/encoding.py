"""JSON as Prometheus writes it: numbers of samples are strings, times are seconds with whole milliseconds."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import orjson
from starlette.responses import Response

from aiops.core.telemetry import Series
from aiops.lab.promql import InstantVector, Matrix, Result, ScalarResult
from aiops.lab.promql.formatting import format_sample
from aiops.lab.tsdb import Labels


def answer(data: Any) -> Response:
    return _reply(orjson.dumps(data).decode())


def result_answer(result: Result) -> Response:
    """`resultType` and `result` of a query, as text: most of a reply's time goes into its numbers."""
    if isinstance(result, InstantVector):
        time = _time(result.time)
        samples = (f'{{"metric":{_labels(own)},"value":[{time},"{format_sample(v)}"]}}' for own, v in result.samples)
        return _reply(_typed("vector", f"[{','.join(samples)}]"))
    if isinstance(result, Matrix):
        return _reply(_typed("matrix", f"[{','.join(_series(series) for series in result.series)}]"))
    if isinstance(result, ScalarResult):
        return _reply(_typed("scalar", f'[{_time(result.time)},"{format_sample(result.value)}"]'))
    return _reply(_typed("string", f"[{_time(result.time)},{orjson.dumps(result.value).decode()}]"))


def failure(status: int, kind: str, message: str) -> Response:
    """`kind` is Prometheus' errorType: `bad_data`, `execution`, `timeout`."""
    body = {"status": "error", "errorType": kind, "error": message}
    return Response(orjson.dumps(body), status, media_type="application/json")


def _reply(data: str) -> Response:
    return Response(f'{{"status":"success","data":{data}}}', media_type="application/json")


def _typed(kind: str, result: str) -> str:
    return f'{{"resultType":"{kind}","result":{result}}}'


def _series(series: Series) -> str:
    points = ",".join(
        f'[{_time(time)},"{format_sample(value)}"]'
        for time, value in zip(series.times.tolist(), series.values.tolist(), strict=True)
    )
    return f'{{"metric":{orjson.dumps(series.labels).decode()},"values":[{points}]}}'


@lru_cache(16_384)
def _labels(labels: Labels) -> str:
    return orjson.dumps(dict(labels)).decode()


@lru_cache(16_384)
def _time(seconds: float) -> str:
    """The series of a range query share their moments."""
    return str(int(seconds)) if seconds.is_integer() else f"{seconds:.3f}"
