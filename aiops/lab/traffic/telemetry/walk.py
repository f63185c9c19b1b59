"""One request on its way through the solved flow: what it meets, and the spans and lines that it leaves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from aiops.lab.jaeger.store import Link, TracedSpan
from aiops.lab.logs.wording import mixed, trace_id
from aiops.lab.traffic.telemetry.attempts import failures
from aiops.lab.traffic.telemetry.journal import TracedLine
from aiops.lab.traffic.telemetry.snapshot import Settled, Snapshot
from aiops.lab.traffic.telemetry.traceplan import BLOCKED, CallPlan, HandlerPlan, TracePlan

_MOST_SPANS = 600
"""Spans of one trace from which on no other call is followed."""
_SIGMA = 0.55
"""Of the lognormal factor by which a handler's own time differs from its mean."""
_HOP = 0.0003
"""Seconds that a packet takes from pod to pod."""
_DRAWS = 128
"""Random numbers that are drawn at once."""


@dataclass(slots=True)
class Tick:
    """One step's arrays as lists: shares of requests rejected, seconds of waiting and slowdown by process; by call how
    likely it is made and how likely an attempt gets no answer for another reason than time (None: never). And the
    random numbers of the step."""

    settled: Settled
    rejected: list[float]
    waiting: list[float]
    slowdown: list[float]
    made: list[float]
    blocked: list[float] | None
    uniform: Iterator[float]
    variation: Iterator[float]


def tick_of(snapshot: Snapshot, rng: np.random.Generator) -> Tick:
    """The lists of a settled step."""
    settled, conditions = snapshot.settled, snapshot.conditions
    unanswered = settled.call_unanswered[BLOCKED]
    return Tick(
        settled,
        conditions.rejected.tolist(),
        conditions.waiting.tolist(),
        conditions.slowdown.tolist(),
        settled.probability.tolist(),
        unanswered.sum(axis=0).tolist() if unanswered.any() else None,
        _uniform(rng),
        _variation(rng),
    )


def _uniform(rng: np.random.Generator) -> Iterator[float]:
    while True:
        yield from rng.random(_DRAWS).tolist()


def _variation(rng: np.random.Generator) -> Iterator[float]:
    """Factors of mean 1 by which handlers take longer or shorter than on average."""
    while True:
        yield from np.exp(_SIGMA * rng.standard_normal(_DRAWS // 2) - _SIGMA * _SIGMA / 2).tolist()


class SentMessage(NamedTuple):
    """A traced message on its way: since when, and the span that published it."""

    topic: str
    time: float
    key: int
    link: Link


class Walk:
    """One request and everything that it causes."""

    def __init__(self, plan: TracePlan, tick: Tick, key: int) -> None:
        self.spans: list[TracedSpan] = []
        self.lines: list[TracedLine] = []
        self.sent: list[SentMessage] = []
        self.trace = trace_id(key)
        self._key = key
        self._plan, self._tick = plan, tick
        self._uniform = tick.uniform
        self._next = mixed(key, 7)

    def begin(self, handler: int, start: float, link: Link | None) -> float:
        """Serve a request that nobody traced before, or a message that a traced request published. Returns when that
        was done."""
        seconds, _ = self._request(self._plan.handlers[handler], start, "", link)
        return start + seconds

    def _request(self, handler: HandlerPlan, start: float, parent: str, link: Link | None = None) -> tuple[float, int]:
        """(seconds, status) of one request at a handler; its span is kept where the process is instrumented."""
        place = handler.place
        span_id = self._span_id() if place else ""
        seconds, status, own = self._serve(handler, start, span_id)
        if place:
            bad = status >= 500
            self.spans.append(
                TracedSpan(
                    span_id,
                    parent,
                    place,
                    start + handler.skew,
                    seconds,
                    status if handler.http else 0,
                    str(status) if bad else "",
                    handler.own_error if own and bad else "",
                    link,
                )
            )
        if place or handler.row in self._plan.gateways:
            self.lines.append(TracedLine(handler.row, "", start + seconds, seconds, status, self._key))
        return seconds, status

    def _serve(self, handler: HandlerPlan, start: float, span_id: str) -> tuple[float, int, bool]:
        """(seconds, status, whether the status is the handler's own error)."""
        process, tick = handler.process, self._tick
        rejected = tick.rejected[process]
        if rejected and self._draw() < rejected:
            return 0.001, 503, False
        work = handler.cpu * tick.slowdown[process] + handler.wait
        own = tick.waiting[process] + work * next(tick.variation)
        if handler.error and self._chance(handler.error):
            return own, handler.error_status, True
        elapsed = own * 0.4
        for stage in handler.stages:
            slowest, bad = 0.0, 0
            for call in stage:
                if not self._chance(tick.made[call]):
                    continue
                plan = self._plan.calls[call]
                seconds, status = self._call(plan, start + elapsed, span_id)
                slowest = max(slowest, seconds)
                if status and plan.required:
                    bad = status
            elapsed += slowest
            if bad:
                return elapsed + own * 0.2, bad if handler.passes_status else 503, False
        return elapsed + own * 0.6, 200, False

    def _call(self, call: CallPlan, start: float, parent: str) -> tuple[float, int]:
        """(seconds until it ends, 0 or the status that a gateway would pass on) with all attempts."""
        elapsed, status = 0.0, 0
        for number in range(call.attempts):
            if len(self.spans) >= _MOST_SPANS:
                break
            if number:
                elapsed += call.pause(number, self._draw()) if call.backoff else 0.0
            seconds, status, connected = self._attempt(call, start + elapsed, parent, number)
            elapsed += seconds
            if not status or (connected and not call.retries_answers):
                break
        return elapsed, status

    def _attempt(self, call: CallPlan, start: float, parent: str, number: int) -> tuple[float, int, bool]:
        blocked = self._tick.blocked
        if blocked is not None and self._chance(blocked[call.row]):
            return self._blocked(call, start, parent, number)
        span_id = self._span_id() if call.place else ""
        target = self._endpoint(call)
        limit = call.timeout
        if target is None:
            seconds, status, answered = limit, 504, False
        else:
            took, status = self._request(self._plan.handlers[target], start + _HOP, span_id)
            seconds = took + 2 * _HOP
            answered = seconds <= limit
            seconds, status = (seconds, 0 if status < 400 else status) if answered else (limit, 504)
        kind = "timeout" if not answered else (str(status) if status else "")
        self._told(call, span_id, parent, start, seconds, kind, number)
        return seconds, status, target is not None

    def _blocked(self, call: CallPlan, start: float, parent: str, resend: int) -> tuple[float, int, bool]:
        """An attempt that got no answer for another reason than time."""
        shares = failures(self._tick.settled, np.array([call.row]))[BLOCKED, 0]
        total = np.cumsum(shares)
        number = int(np.searchsorted(total, self._draw() * total[-1], side="right").clip(0, len(shares) - 1))
        kind, status = self._plan.blocked_kinds[number]
        seconds = call.seconds_of(kind)
        self._told(call, self._span_id() if call.place else "", parent, start, seconds, kind, resend)
        return seconds, status, False

    def _told(
        self, call: CallPlan, span_id: str, parent: str, start: float, seconds: float, kind: str, resend: int
    ) -> None:
        """The client's span of an attempt, and its line where it failed."""
        if kind:
            self.lines.append(TracedLine(call.row, kind, start + seconds, seconds, _number(kind), self._key))
        elif call.topic:
            self.sent.append(
                SentMessage(call.topic, start + seconds, mixed(self._key, len(self.sent)), Link(self.trace, span_id))
            )
        if call.place:
            answered = not kind or kind.isdigit()
            status = (_number(kind) or 200) if answered and call.http else 0
            exception = "" if answered else kind
            error = _ERROR_TYPES.get(kind, kind)
            at = start + call.skew
            again = resend if call.http else 0
            self.spans.append(
                TracedSpan(span_id, parent, call.place, at, seconds, status, error, exception, None, again)
            )

    def _endpoint(self, call: CallPlan) -> int | None:
        """The handler that a connection leads to; None where there is none."""
        if not call.endpoints:
            return None
        drawn = self._draw() * call.share
        for target, weight in call.endpoints:
            drawn -= weight
            if drawn < 0:
                return target
        return call.endpoints[-1][0]

    def _span_id(self) -> str:
        self._next = (self._next * 6364136223846793005 + 1442695040888963407) & 0xFFFFFFFFFFFFFFFF
        return f"{self._next:016x}"

    def _draw(self) -> float:
        return next(self._uniform)

    def _chance(self, probability: float) -> bool:
        """Whether something of this probability happens; what is certain costs no random number."""
        return probability >= 1.0 or (probability > 0.0 and next(self._uniform) < probability)


def _number(kind: str) -> int:
    return int(kind) if kind.isdigit() else 0


_ERROR_TYPES = {
    "refused": "connection_refused",
    "unresolved": "name_not_resolved",
    "denied": "authentication_failed",
    "reset": "connection_reset",
    "dropped": "timeout",
}
"""`error.type` of attempts without an answer; of the others it is the kind itself, of answers the status."""
