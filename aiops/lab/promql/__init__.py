"""PromQL over the lab's time series store: the language of Prometheus 2.42, ranges closed on both sides."""

from aiops.lab.promql.engine import Engine, Prepared
from aiops.lab.promql.parsing import parse, parse_duration
from aiops.lab.promql.results import InstantVector, Matrix, Result, ScalarResult, StringResult
from aiops.lab.promql.values import ParseError, PromqlError, QueryTimeoutError

__all__ = [
    "Engine",
    "InstantVector",
    "Matrix",
    "ParseError",
    "Prepared",
    "PromqlError",
    "QueryTimeoutError",
    "Result",
    "ScalarResult",
    "StringResult",
    "parse",
    "parse_duration",
]
