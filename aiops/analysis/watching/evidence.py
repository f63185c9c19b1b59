"""How strongly the counts of failures speak for trouble, look after look: a sequential test instead of a threshold.

The cumulative sum of Page, "Continuous inspection schemes" (1954), of log-likelihood ratios of binomial counts, as in
the sequential probability ratio test of Wald (1945). A few looks at a high share of failures, or many at a lower one,
tell the same; what comes and goes adds up; one burst that is soon over does not.
"""

from __future__ import annotations

from math import log

MORE = 0.1
"""The share of failures beyond the usual one that the test is for. What it is blind to is less than about two fifths
of that, which is for burn rates."""

CHANCE = 1e-6
TOGETHER = 3.0
"""Failures come together, as one client tries again and one pod is ill: so many count as one."""

ENOUGH = TOGETHER * -log(CHANCE)
"""The sum at which it is trouble."""

MOST = 2 * ENOUGH
"""The sum goes no higher, so that trouble that is over is soon seen to be."""


def weight(requests: float, failed: float, usual: float) -> float:
    """What a count of `requests` of which `failed` did speaks for `usual + MORE` of them failing, against `usual`: a
    natural logarithm. `usual` is a share above 0; together with `MORE` it is taken to be below 1."""
    usual = min(usual, 0.99 - MORE)
    more = usual + MORE
    failed = min(failed, requests)
    return failed * log(more / usual) + (requests - failed) * log((1 - more) / (1 - usual))


def added(total: float, new: float) -> float:
    """The sum with one weight more: what speaks against trouble counts from its last sign on."""
    return min(max(total + new, 0.0), MOST)
