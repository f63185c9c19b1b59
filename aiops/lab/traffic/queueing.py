"""Formulas of queueing theory, on arrays."""

from __future__ import annotations

import numpy as np

from aiops.core.telemetry import FloatArray

_BUSIEST = 0.98


def queue_factor(load: FloatArray, servers: FloatArray) -> FloatArray:
    """About the probability that all of `servers` are busy at a utilisation of `load` (0..1), M/M/c.

    Source: H. Sakasegawa, "An approximation formula L_q = a rho^b / (1 - rho)", Ann. Inst. Stat. Math. 29, 1977."""
    factor: FloatArray = load ** (np.sqrt(2.0 * (servers + 1.0)) - 1.0)
    return factor


def mean_wait(load: FloatArray, servers: FloatArray, service: FloatArray, variation: float = 1.0) -> FloatArray:
    """Seconds that a request waits for one of `servers` at a utilisation of `load` (taken to be below 1) and a mean
    service time of `service` seconds, whose squared coefficient of variation is `variation`.

    Source: the Allen-Cunneen approximation of M/G/c with Sakasegawa's of M/M/c (A. O. Allen, "Probability, Statistics,
    and Queueing Theory", 1978)."""
    busy = np.minimum(load, _BUSIEST)
    return queue_factor(busy, servers) * service * (1.0 + variation) / (2.0 * servers * (1.0 - busy))


def gives_up(load: FloatArray, servers: FloatArray, service: FloatArray, patience: FloatArray) -> FloatArray:
    """The share that waits in vain where nobody waits longer than `patience` seconds.

    Below capacity the tail of the waiting time of M/M/c; above it the fluid limit of a queue with abandonment (W.
    Whitt, "Fluid models for multiserver queues with abandonments", Operations Research 54, 2006)."""
    busy = np.minimum(load, _BUSIEST)
    tail = queue_factor(busy, servers) * np.exp(-patience * servers * (1.0 - busy) / np.maximum(service, 1e-9))
    return np.maximum(tail, 1.0 - 1.0 / np.maximum(load, 1.0))
