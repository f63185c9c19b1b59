"""Head-sampled traces: single requests that walk through the solved flow and leave spans and lines of logs.

The decision falls where a request enters, by a rate; a limit on the spans of a step keeps fewer, but whole traces
when there is much to see.
"""

from __future__ import annotations

from collections import deque

import numpy as np

from aiops.lab.jaeger.store import Link, TraceStore
from aiops.lab.logs.wording import mixed
from aiops.lab.traffic.telemetry.journal import TracedLine
from aiops.lab.traffic.telemetry.snapshot import Snapshot
from aiops.lab.traffic.telemetry.traceplan import TracePlan
from aiops.lab.traffic.telemetry.walk import SentMessage, Tick, Walk, tick_of

RATE = 0.006
"""Share of the requests of users that are traced."""

_MOST_TRACES, _SPANS_PER_STEP = 2, 20
"""Traces of a step at most, and spans on average at most: what is over is saved up or paid back in later steps."""

_MOST_SENT = 64
"""Traced messages that wait for a consumer; the oldest are given up."""


class TraceSampler:
    """Samples a few user requests a step. `lines` are what those of the last step logged."""

    def __init__(self, store: TraceStore) -> None:
        self.lines: list[TracedLine] = []
        self._store = store
        self._sent: deque[SentMessage] = deque(maxlen=_MOST_SENT)
        self._plan: TracePlan | None = None
        self._allowance = 0.0

    def sample(self, snapshot: Snapshot, rng: np.random.Generator) -> None:
        """Trace a few of the requests that came in a step. Steps must come in their order."""
        settled, now, dt = snapshot.settled, snapshot.now, snapshot.dt
        self.lines = []
        self._store.drop_before(now)
        self._allowance = min(self._allowance + _SPANS_PER_STEP, 2 * _SPANS_PER_STEP)
        plan = self._plan
        if plan is None or plan.graph is not settled.graph:
            plan = self._plan = TracePlan(settled.graph, snapshot.peers)
        total = np.cumsum(snapshot.requests[plan.entries])
        count = min(int(rng.poisson(total[-1] * RATE)), _MOST_TRACES) if len(total) else 0
        if not count and not self._sent:
            return
        tick = tick_of(snapshot, rng)
        if self._sent:
            self._deliver(plan, tick, snapshot)
        if not count:
            return
        chosen = np.searchsorted(total, rng.random(count) * total[-1], side="right").clip(0, len(total) - 1)
        starts, keys = now - dt * rng.random(count), rng.integers(0, 2**63, count)
        for entry, start, key in zip(plan.entries[chosen].tolist(), starts.tolist(), keys.tolist(), strict=True):
            if self._allowance <= 0:
                break
            self._walk(plan, tick, key, entry, start)

    def _walk(
        self, plan: TracePlan, tick: Tick, key: int, handler: int, start: float, link: Link | None = None
    ) -> None:
        """Trace one request."""
        walk = Walk(plan, tick, key)
        over = walk.begin(handler, start, link)
        self.lines += walk.lines
        self._sent.extend(walk.sent)
        if walk.spans:
            self._store.add(walk.trace, walk.spans, over)
        self._allowance -= len(walk.spans)

    def _deliver(self, plan: TracePlan, tick: Tick, snapshot: Snapshot) -> None:
        """Trace the handling of traced messages whose turn it is: those before them in the queue are done."""
        waiting = list(self._sent)
        self._sent.clear()
        for message in waiting:
            rows = plan.consumers.get(message.topic, [])
            requests = snapshot.requests[rows]
            if not rows or requests.sum() <= 0:
                self._sent.append(message)
                continue
            depth = sum(
                d for key, d in zip(snapshot.topics, snapshot.depths.tolist(), strict=True) if key[2] == message.topic
            )
            start = message.time + depth * snapshot.dt / float(requests.sum())
            if start > snapshot.now:
                self._sent.append(message)
                continue
            row = rows[int(np.searchsorted(np.cumsum(requests), next(tick.uniform) * requests.sum(), side="right"))]
            self._walk(plan, tick, mixed(message.key, 9), row, start, message.link)
