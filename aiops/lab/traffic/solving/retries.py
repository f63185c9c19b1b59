"""What a call meets with its retries: success or not, and the mean and second moment of the time to either end."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.apps.calling import Backoff
from aiops.lab.traffic.callgraph.graph import UNANSWERED, Graph
from aiops.lab.traffic.solving.solution import TINY, Limits, Solution

_POOL, _OPEN = UNANSWERED.index("pool_timeout"), UNANSWERED.index("circuit_open")
_STOPPED_SECONDS = 0.0001


class Retries:
    """Settles the calls of a graph. Attempts after the first are made as often as each attempt fails, within the call's
    number of retries, after its pauses."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._most = int(graph.retries.max()) if len(graph.retries) else 0
        self._may: list[FloatArray] = [(graph.retries >= n).astype(np.float64) for n in range(1, self._most + 1)]
        connecting = (graph.refused + graph.dropped)[graph.call_link]
        self._failing_again: FloatArray = graph.retries_answers.astype(np.float64)
        self._connecting_again: FloatArray = connecting * (1.0 - self._failing_again)
        self._pauses: list[FloatArray] = [
            np.array([pauses(want.backoff, number) for want in graph.wants]) for number in range(1, self._most + 1)
        ]
        before = [np.zeros(len(graph.wants)), *self._pauses]
        self._last_pause: list[FloatArray] = [after - start for start, after in pairwise(before)]
        self._longest: FloatArray = before[-1]

    def settle(self, s: Solution, calls: slice, limits: Limits | None) -> None:
        link = self._graph.call_link[calls]
        ok, ok_mean, ok_m2, lost = s.link_rows.take(link, axis=1)
        unheard = np.zeros_like(ok)
        if limits is not None:
            waiting = limits.waiting[calls]
            unheard = limits.unpooled[calls] + limits.stopped[calls]
            sent = s.sent_share[calls]
            ok_m2 = ok_m2 + 2.0 * waiting * ok_mean + 2.0 * waiting * waiting
            ok, ok_mean = ok * sent, ok_mean + waiting
            lost = (lost + waiting * (1.0 - ok)) * sent + limits.unpooled[calls] * limits.gave_up_seconds[calls]
            lost += limits.stopped[calls] * _STOPPED_SECONDS
        ok = np.minimum(ok, 1.0)
        failing = 1.0 - ok
        failed_seconds = lost / np.maximum(failing, TINY)
        again = failing * self._failing_again[calls] + (1.0 - unheard) * self._connecting_again[calls]
        if limits is not None:
            again = again * limits.allowed[calls]
        tries, before, pause, paused = np.ones_like(ok), np.zeros_like(ok), np.zeros_like(ok), np.zeros_like(ok)
        power = tries
        for number in range(1, self._most + 1):
            power = power * again * self._may[number - 1][calls]
            tries = tries + power
            before = before + number * power
            pause = pause + power * self._pauses[number - 1][calls]
            paused = paused + power * self._last_pause[number - 1][calls]
        success = np.minimum(tries * ok, 1.0)
        wasted = (before * failed_seconds + pause) / tries
        spent = (tries - success * (1.0 + before / tries)) / np.maximum(1.0 - success, TINY)
        spent = np.minimum(np.maximum(spent, 1.0), 1.0 + self._graph.retries[calls])
        s.call_ok[calls], s.tries[calls] = ok, tries
        s.done[0, calls] = success
        s.done[1, calls] = ok_mean + wasted
        s.done[2, calls] = ok_m2 + 2.0 * wasted * (ok_mean + wasted)
        in_vain = np.maximum(paused - success * pause / tries, 0.0) / np.maximum(1.0 - success, TINY)
        s.done[3, calls] = failed_seconds * spent + np.minimum(in_vain, self._longest[calls])


def unanswered(s: Solution, base: FloatArray, limits: Limits | None) -> None:
    """The shares of attempts without an answer. `base` are those that the network refuses, each (calls,)."""
    shares = s.call_unanswered
    if limits is None:
        shares[1:] = base[1:]
        shares[0] = s.link_late.take(s.graph.call_link)
        return
    shares[1:] = base[1:] * s.sent_share
    shares[0] = s.link_late.take(s.graph.call_link) * s.sent_share
    shares[_POOL] = limits.unpooled
    shares[_OPEN] = limits.stopped


def pauses(backoff: Backoff | None, number: int) -> float:
    """Seconds of all pauses up to the retry with this number, on average: jitter draws evenly from below."""
    if backoff is None:
        return 0.0
    lengths = [min(backoff.base_seconds * backoff.factor**n, backoff.longest_seconds) for n in range(number)]
    return sum(lengths) * (1.0 - backoff.jitter / 2)
