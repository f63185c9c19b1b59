"""Messages: published by calls, kept in topics from step to step, taken by consumers as fast as these can.

A consumer's workers take the next message when they are done with one, so a consumer takes at most workers / seconds of
handling a second (Little's law). What fails is delivered again, at once, until its deliveries are used up.
"""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.traffic.callgraph.carrying import carried, row, rows_of, summed
from aiops.lab.traffic.callgraph.graph import STATUSES, Graph, IntArray
from aiops.lab.traffic.solving.flow import Flow

_REFUSED = STATUSES.index(503)
_NONE = np.zeros(0, dtype=np.int64)
_LEAST_SECONDS = 1e-4


class Brokers:
    """By (namespace, broker, topic); each (topics,): `depth` are messages that wait, and since the beginning those
    `published`, `consumed` and moved to the `dead` letters. `process` is one of the broker's, -1 while none runs."""

    def __init__(self) -> None:
        self.keys: tuple[tuple[str, str, str], ...] = ()
        self.process: IntArray = _NONE
        self._kept: FloatArray = np.zeros((4, 0))
        self._holders: dict[tuple[str, str], frozenset[str]] = {}
        self.entries: IntArray = _NONE
        self._taken: FloatArray = np.zeros(0)
        self._calls: IntArray = _NONE
        self._topic: IntArray = _NONE

    @property
    def depth(self) -> FloatArray:
        return row(self._kept, 0)

    @property
    def published(self) -> FloatArray:
        return row(self._kept, 1)

    @property
    def consumed(self) -> FloatArray:
        return row(self._kept, 2)

    @property
    def dead(self) -> FloatArray:
        return row(self._kept, 3)

    def adopt(self, graph: Graph) -> None:
        known: dict[Hashable, int] = rows_of(self.keys)
        found = dict.fromkeys(self.keys, -1)
        specs = {}
        holders: dict[tuple[str, str], set[str]] = {}
        for number, process in enumerate(graph.processes):
            for name, topic in process.program.topics.items():
                key = (process.namespace, process.name, name)
                found[key], specs[key] = number, topic
                holders.setdefault(key[:2], set()).add(process.container.id)
        lost = {place for place, now in holders.items() if not now & self._holders.get(place, frozenset(now))}
        self._holders |= {place: frozenset(now) for place, now in holders.items()}
        self.keys = tuple(found)
        self._kept = carried(known, self.keys, self._kept, 0.0)
        for place, key in enumerate(self.keys):
            if key in specs and key[:2] in lost and not specs[key].durable:
                self._kept[0, place] = 0.0
        self.process = np.array(list(found.values()), dtype=np.int64)
        self._limit = np.array([specs[k].limit if k in specs else np.inf for k in self.keys], dtype=np.float64)
        self._deliveries = np.array([specs[k].deliveries if k in specs else 0 for k in self.keys], dtype=np.float64)
        self._join(graph)

    def _join(self, graph: Graph) -> None:
        """Which calls publish to which topics, and which handlers take messages of which."""
        numbers = rows_of(self.keys)
        published = []
        for call, info in enumerate(graph.calls):
            for handler, weight in graph.endpoints(call) if info.topic else ():
                broker = graph.processes[int(graph.process[handler])]
                number = numbers.get((broker.namespace, broker.name, info.topic))
                if number is not None:
                    published.append((call, number, handler, weight))
        self._calls = np.array([call for call, _, _, _ in published], dtype=np.int64)
        self._topic = np.array([number for _, number, _, _ in published], dtype=np.int64)
        self._handler = np.array([handler for _, _, handler, _ in published], dtype=np.int64)
        self._weight = np.array([weight for _, _, _, weight in published], dtype=np.float64)
        pairs = [
            (consumer, numbers[key])
            for consumer, found in enumerate(graph.consumptions)
            for key in found.topics
            if key in numbers
        ]
        self._pair_consumer = np.array([consumer for consumer, _ in pairs], dtype=np.int64)
        self._pair_topic = np.array([topic for _, topic in pairs], dtype=np.int64)
        self.entries = np.array([c.handler for c in graph.consumptions], dtype=np.int64)
        self._workers = np.array([c.workers for c in graph.consumptions], dtype=np.float64)
        self._batch = np.array([c.batch for c in graph.consumptions], dtype=np.float64)
        self._poison = np.array([c.poison for c in graph.consumptions], dtype=np.float64)
        self._offered = np.zeros(len(pairs))

    def take(self, flow: Flow, dt: float) -> FloatArray:
        """The messages that each of the handlers `entries` begins to handle in this step, as requests: of those that
        waited, and of those that the counted requests of users publish."""
        consumers = len(self.entries)
        seconds = np.maximum(flow.accepted_seconds[self.entries], _LEAST_SECONDS)
        able = self._workers * dt / seconds * self._batch
        topics = len(self.keys)
        wanted = summed(self._pair_topic, able[self._pair_consumer], topics)
        served = self.process >= 0
        there = np.minimum(self.depth + self._arrived(flow), self._limit)
        given = np.where(served, np.minimum(there / np.maximum(wanted, 1e-9), 1.0), 0.0)
        self._offered = able[self._pair_consumer] * given[self._pair_topic]
        return summed(self._pair_consumer, self._offered, consumers) / np.maximum(self._batch, 1.0)

    def step(self, flow: Flow) -> None:
        """Account for the step's messages."""
        topics = len(self.keys)
        if not topics:
            return
        arrived = self._arrived(flow)
        good = (1.0 - flow.fails[self.entries]) * (1.0 - self._poison)
        taken = summed(self._pair_topic, self._offered, topics)
        done = summed(self._pair_topic, self._offered * good[self._pair_consumer], topics)
        failed = taken - done
        dead = np.where(self._deliveries > 0, failed / np.maximum(self._deliveries, 1.0), 0.0)
        self._kept[0] = np.minimum(np.maximum(self.depth + arrived - done - dead, 0.0), self._limit)
        self._kept[1] += arrived
        self._kept[2] += done
        self._kept[3] += dead

    def _arrived(self, flow: Flow) -> FloatArray:
        """Messages of the step that brokers took, (topics,)."""
        sent = flow.attempts[self._calls] * flow.sent_share[self._calls] * self._weight
        return summed(self._topic, sent * (1.0 - flow.fails[self._handler]), len(self.keys))

    def burden(self, broken: FloatArray, status: IntArray) -> None:
        """Full topics take nothing more: publishing fails."""
        if len(self._handler):
            full = (self.depth >= self._limit)[self._topic]
            broken[self._handler[full]], status[self._handler[full]] = 1.0, _REFUSED
