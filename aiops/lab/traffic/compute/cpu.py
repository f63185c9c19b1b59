"""Who gets how much CPU: limits by CFS quota, and shares by requests where a node is full."""

from __future__ import annotations

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.traffic.callgraph.carrying import summed
from aiops.lab.traffic.callgraph.graph import IntArray
from aiops.lab.traffic.solving.moments import normal_cdf
from aiops.lab.traffic.solving.queueing import mean_wait

CFS_PERIOD = 0.1
MOST_BUSY = 0.97
_ROUNDS = 6
_ALONE, _CROWDED = 0.5, 0.4
"""The utilisation up to which every thread has a core of its own, and by which share work takes longer where none has:
two threads on one core do about 1.4 times the work of one."""


def fair_shares(wanted: FloatArray, weight: FloatArray, node: IntArray, free: FloatArray) -> FloatArray:
    """What each process gets of what it wants, (processes,). `weight` are its CPU shares, `free` what each node has.

    Where a node has too little, by weighted max-min fairness, as the completely fair scheduler divides it: who wants
    less than its share gets all, the rest is divided anew."""
    nodes = len(free)
    total = summed(node, wanted, nodes)
    if (total <= free).all():
        return wanted
    got = wanted.copy()
    hungry = (total > free)[node]
    got[hungry] = 0.0
    left = free - summed(node, got, nodes)
    for _ in range(_ROUNDS):
        asking = hungry & (got < wanted - 1e-12)
        weights = summed(node, np.where(asking, weight, 0.0), nodes)
        share = np.maximum(left, 0.0) / np.maximum(weights, 1e-12)
        more = np.where(asking, np.minimum(share[node] * weight, wanted - got), 0.0)
        got += more
        left -= summed(node, more, nodes)
    return got


def throttling(utilisation: FloatArray, limited: FloatArray) -> FloatArray:
    """About the share of CFS periods in which a process with a quota (`limited` is 1) has to stop: the chance that the
    demand of a period, with a standard deviation of 8 percent of the quota, exceeds the quota."""
    return limited * (0.002 * np.minimum(utilisation, 0.98) + normal_cdf((utilisation - 0.9) / 0.08))


def cpu_wait(utilisation: FloatArray, cores: FloatArray, work: FloatArray) -> FloatArray:
    """Seconds that a request of `work` CPU seconds waits for a core."""
    return mean_wait(utilisation, np.maximum(cores, 1.0), work)


def crowding(utilisation: FloatArray) -> FloatArray:
    """By how many times longer work takes on nodes of this utilisation, (nodes,): hardware threads share cores, caches
    and memory, so neighbours are felt before a node is full."""
    return 1.0 + _CROWDED * np.maximum(utilisation - _ALONE, 0.0) / (1.0 - _ALONE)
