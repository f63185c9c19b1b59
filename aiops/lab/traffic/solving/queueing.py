"""Formulas of queueing theory, on arrays."""

from __future__ import annotations

import numpy as np

from aiops.core.telemetry import FloatArray

_BUSIEST = 0.98
_EVEN = 1e-6
_LEAST = 1e-12
_STEEPEST = 50.0


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


def blocked(load: FloatArray, servers: FloatArray, places: FloatArray) -> FloatArray:
    """The share that is turned away where `places` more than the `servers` may wait, at any load: M/M/c/K in the same
    approximation (for one server it is exact)."""
    return _lost(load, servers, -places * np.log(np.maximum(load, _LEAST)))


def gives_up(load: FloatArray, servers: FloatArray, service: FloatArray, patience: FloatArray) -> FloatArray:
    """The share that waits in vain where nobody waits longer than `patience` seconds, at any load.

    Source: D. Y. Barrer, "Queuing with impatient customers and ordered service", Operations Research 5, 1957, for one
    server, with the queue's probability of more servers; far above capacity all who are too many go."""
    return _lost(load, servers, (1.0 - load) * servers * patience / np.maximum(service, 1e-9))


def _lost(load: FloatArray, servers: FloatArray, spare: FloatArray) -> FloatArray:
    """(1 - load) q / (1 - load q), where q is the chance to find all servers busy and, by exp(-spare), no room."""
    load = np.where(np.abs(load - 1.0) < _EVEN, 1.0 - _EVEN, load)
    exponent = (np.sqrt(2.0 * (servers + 1.0)) - 1.0) * np.log(np.maximum(load, _LEAST)) - spare
    left = np.exp(np.minimum(np.maximum(exponent, -_STEEPEST), _STEEPEST))
    lost: FloatArray = np.minimum(np.maximum((1.0 - load) * left / (1.0 - load * left), 0.0), 1.0)
    return lost
