"""Answers that are wrong though nothing failed: how many of them reach the users through the services between."""

from __future__ import annotations

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.traffic.solving.solution import TINY, Solution


def wrong_answers(s: Solution) -> FloatArray:
    """(handlers,): the share of each one's good answers that are wrong, by its own program or by what it was told.

    Who calls does not notice: what a call that succeeds is told goes into the answer."""
    g = s.graph
    wrong: FloatArray = g.wrong.copy()
    told = np.zeros(len(g.link_timeout))
    for level in g.levels:
        target = g.edge_target[:, level.links]
        good = s.weights[:, level.links] * (1.0 - s.fails[target])
        told[level.links] = (good * wrong[target]).sum(axis=0) / np.maximum(good.sum(axis=0), TINY)
        calls = level.calls
        right = np.ones(len(wrong))
        believed = s.probability[calls] * s.done[0, calls] * told[g.call_link[calls]]
        np.multiply.at(right, g.call_handler[calls], 1.0 - believed)
        wrong[level.handlers] = 1.0 - (1.0 - wrong[level.handlers]) * right[level.handlers]
    return wrong
