"""What is asked in PromQL: `query`, `query_range`, and what helps to write them."""

from __future__ import annotations

from collections.abc import Callable

import promql_parser
from starlette.responses import Response

from aiops.lab.prometheus.encoding import answer, result_answer
from aiops.lab.prometheus.parameters import BadDataError, Parameters
from aiops.lab.promql import Engine, ParseError, parse


class Queries:
    """Each method answers one path."""

    def __init__(self, engine: Engine, now: Callable[[], float]) -> None:
        self._engine = engine
        self._now = now

    def query(self, parameters: Parameters) -> Response:
        moment = parameters.time("time", self._now())
        parameters.check_timeout()
        try:
            return result_answer(self._engine.instant(parameters.query(), moment))
        except ParseError as error:
            raise BadDataError(f'invalid parameter "query": {error}') from error

    def query_range(self, parameters: Parameters) -> Response:
        start, end, step = parameters.range()
        parameters.check_timeout()
        return result_answer(self._engine.range(parameters.query(), start, end, step))

    def format_query(self, parameters: Parameters) -> Response:
        try:
            parse(parameters.query())
        except ParseError as error:
            raise BadDataError(f'invalid parameter "query": {error}') from error
        return answer(promql_parser.parse(parameters.query()).prettify())

    def exemplars(self, parameters: Parameters) -> Response:
        """The lab's metrics carry none."""
        if parameters.time("end", self._now()) < parameters.time("start", 0.0):
            raise BadDataError("end timestamp must not be before start timestamp")
        parse(parameters.query())
        return answer([])
