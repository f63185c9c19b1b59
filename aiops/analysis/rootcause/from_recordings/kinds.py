"""What a metric measures, read from its name where nobody declares it.

Names of metrics are words of a trade, unlike names of entities; they are split into tokens, so that `http_server_p95`,
`latency-90` and `requestDuration` are understood. The resources come first: `network_errors` tells of a resource.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache


class Kind(StrEnum):
    """What the values of a metric mean to a user of the service."""

    LATENCY = "latency"  # seconds or milliseconds of a request
    ERRORS = "errors"  # failed requests: a count, a rate or a share
    SUCCESS = "success"  # share of requests that went well, in 0..1 or 0..100
    TRAFFIC = "traffic"  # requests
    RESOURCE = "resource"  # anything inside: processor, memory, disk, sockets, queues


EXTERNAL = frozenset({Kind.LATENCY, Kind.ERRORS, Kind.SUCCESS, Kind.TRAFFIC})
"""Kinds that callers feel. The split is that of PRISM (internal properties against external ones)."""

_WORDS = {
    Kind.RESOURCE: "cpu mem memory disk diskio io fs filesystem socket sockets network net tcp packet packets gc heap "
    "thread threads goroutines fd fds load1 load5 load15 rss swap cache throttled restarts inode inodes connections "
    "pool node",
    Kind.SUCCESS: "availability success sr successes ok",
    Kind.ERRORS: "error errors err errs fail fails failed failure failures exception exceptions 5xx 4xx timeouts",
    Kind.LATENCY: "latency duration rt response delay elapsed lat p50 p75 p90 p95 p99 p999 mrt",
    Kind.TRAFFIC: "request requests rps qps tps load workload throughput traffic calls invocations hits rate count rr",
}
"""In this order: the first kind that a name holds a word of is its kind."""

_MARKS = {kind: frozenset(words.split()) for kind, words in _WORDS.items()}
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_WORD = re.compile(r"[0-9]xx|[a-z]+[0-9]*|[0-9]+")
_MEAN = frozenset({"avg", "average", "mean", "mrt"})
_COUNTER = frozenset({"total", "count", "counter"})


@lru_cache(maxsize=4096)
def tokens(name: str) -> frozenset[str]:
    """The words of a metric's name, in small letters; letters and the digits after them are one (`p99`)."""
    return frozenset(_WORD.findall(_HUMP.sub(" ", name).lower()))


def kind_of(name: str, declared: str = "") -> Kind:
    """The kind of a metric: what was declared of it, else what its name speaks for, else a resource.

    `declared` is gauge, counter, latency, errors, rate or empty. Gauges and counters are forms and no kinds; a share of
    requests that went well is one also where it was declared to tell of errors.
    """
    named = _named(tokens(name))
    if declared == "latency":
        return Kind.LATENCY
    if declared == "errors":
        return Kind.SUCCESS if named == Kind.SUCCESS else Kind.ERRORS
    if declared == "rate" and named not in (Kind.SUCCESS, Kind.ERRORS, Kind.RESOURCE):
        return Kind.TRAFFIC
    return named


def _named(words: frozenset[str]) -> Kind:
    for kind, marks in _MARKS.items():
        if words & marks:
            return Kind.TRAFFIC if kind == Kind.LATENCY and "count" in words else kind
    return Kind.RESOURCE


def may_count_up(name: str, declared: str = "") -> bool:
    """May the metric be a counter, as it was declared or as Prometheus names them?"""
    return declared == "counter" or (not declared and bool(tokens(name) & _COUNTER))


def averages(name: str) -> bool:
    """Does the name say that the metric is a mean?"""
    return bool(tokens(name) & _MEAN)
