"""Which of the nodes that fit is best: the default plug-ins' scores, normalised and weighted as they are."""

from __future__ import annotations

from math import log

import numpy as np

from aiops.lab.control.scheduling.columns import AVOID, LIKED, SCORE, Numbers
from aiops.lab.control.scheduling.evaluation import MAX_SCORE
from aiops.lab.control.scheduling.spread import HOSTNAME
from aiops.lab.control.scheduling.view import View

TAINTS, AFFINITY, SPREAD, PODS = 3, 2, 2, 2
"""Weights of TaintToleration, NodeAffinity, PodTopologySpread and InterPodAffinity; the others have one."""


def best(view: View, names: list[str]) -> str:
    """The node of the highest score; the first of several."""
    if len(names) == 1:
        return names[0]
    table = view.columns.of(names)
    avoid, liked = table[:, AVOID], table[:, LIKED]
    totals = table[:, SCORE] + TAINTS * (MAX_SCORE - avoid * MAX_SCORE // max(avoid.max(), 1))
    if liked.any():
        totals += AFFINITY * (liked * MAX_SCORE // liked.max())
    if view.profile.soft:
        totals += SPREAD * _spread_scores(view, table)
    if view.weights:
        totals += PODS * np.array(_pod_scores(view, names))
    return names[int(totals.argmax())]


def _spread_scores(view: View, table: Numbers) -> Numbers:
    """PodTopologySpread's: fewer pods of the kind in the node's domains is better."""
    soft, columns = view.profile.soft, view.columns
    kept = np.ones(len(table), np.bool_)
    if not view.profile.default_soft:
        for index in range(len(soft)):
            kept &= columns.domain(table, index) >= 0
    scores = np.zeros(len(table))
    for index, constraint in enumerate(soft):
        domain = columns.domain(table, index)
        if constraint.key == HOSTNAME:
            size, matching = int(kept.sum()), columns.count(table, index)
        else:
            size, matching = len(np.unique(domain[kept])), _by_domain(view, index)[domain]
        scores += np.where(domain >= 0, matching * log(size + 2) + constraint.max_skew - 1, 0.0)
    rounded: Numbers = np.rint(scores).astype(np.int64)
    valid = rounded[kept]
    most = int(valid.max(initial=0))
    if not most:
        return np.where(kept, MAX_SCORE, 0)
    return np.where(kept, MAX_SCORE * (most + valid.min() - rounded) // most, 0)


def _by_domain(view: View, index: int) -> Numbers:
    """The pods that a soft constraint counts in each domain, by its number; the last stands for no domain."""
    domains, counts = view.columns.domains[index], view.soft[index]
    return np.array([counts[label][0] if label in counts else 0 for label in domains] + [0])


def _pod_scores(view: View, names: list[str]) -> list[int]:
    """InterPodAffinity's: the weights of the node's domains, stretched from 0 to 100."""
    raw = [sum(view.weights.get(pair, 0) for pair in view.evaluations[name].labels.items()) for name in names]
    least, most = min(raw), max(raw)
    if most == least:
        return [0] * len(raw)
    return [int(MAX_SCORE * (value - least) / (most - least)) for value in raw]
