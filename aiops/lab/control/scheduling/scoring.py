"""Which of the nodes that fit is best: the default plug-ins' scores, normalised and weighted as they are."""

from __future__ import annotations

from math import log

from aiops.lab.control.scheduling.evaluation import MAX_SCORE
from aiops.lab.control.scheduling.spread import HOSTNAME
from aiops.lab.control.scheduling.view import View

TAINTS, AFFINITY, SPREAD, PODS = 3, 2, 2, 2
"""Weights of TaintToleration, NodeAffinity, PodTopologySpread and InterPodAffinity; the others have one."""


def best(view: View, names: list[str]) -> str:
    """The node of the highest score; the first of several."""
    if len(names) == 1:
        return names[0]
    answers = [view.evaluations[name] for name in names]
    totals = [answer.score for answer in answers]
    most_avoided = max(answer.avoid for answer in answers)
    most_liked = max(answer.liked for answer in answers)
    for index, answer in enumerate(answers):
        avoided = answer.avoid * MAX_SCORE // most_avoided if most_avoided else 0
        totals[index] += TAINTS * (MAX_SCORE - avoided)
        if most_liked:
            totals[index] += AFFINITY * (answer.liked * MAX_SCORE // most_liked)
    _add(totals, _spread_scores(view, names), SPREAD)
    _add(totals, _pod_scores(view, names), PODS)
    return names[totals.index(max(totals))]


def _add(totals: list[int], scores: list[int], weight: int) -> None:
    for index, score in enumerate(scores):
        totals[index] += weight * score


def _spread_scores(view: View, names: list[str]) -> list[int]:
    """PodTopologySpread's: fewer pods of the kind in the node's domains is better."""
    soft, profile = view.profile.soft, view.profile
    if not soft:
        return []
    whole = not profile.default_soft
    answers = [view.evaluations[name] for name in names]
    kept = [not whole or all(c.key in answer.labels for c in soft) for answer in answers]
    weights = []
    for constraint in soft:
        if constraint.key == HOSTNAME:
            size = sum(kept)
        else:
            size = len({a.labels.get(constraint.key) for a, keep in zip(answers, kept, strict=True) if keep})
        weights.append(log(size + 2))
    scores = []
    for answer, keep in zip(answers, kept, strict=True):
        score = 0.0
        for index, constraint in enumerate(soft):
            if keep and constraint.key in answer.labels:
                score += view.matching(index, answer) * weights[index] + constraint.max_skew - 1
        scores.append(round(score))
    valid = [score for score, keep in zip(scores, kept, strict=True) if keep]
    least, most = min(valid, default=0), max(valid, default=0)
    if not most:
        return [MAX_SCORE if keep else 0 for keep in kept]
    return [MAX_SCORE * (most + least - score) // most if keep else 0 for score, keep in zip(scores, kept, strict=True)]


def _pod_scores(view: View, names: list[str]) -> list[int]:
    """InterPodAffinity's: the weights of the node's domains, stretched from 0 to 100."""
    if not view.weights:
        return []
    raw = [sum(view.weights.get(pair, 0) for pair in view.evaluations[name].labels.items()) for name in names]
    least, most = min(raw), max(raw)
    if most == least:
        return []
    return [int(MAX_SCORE * (value - least) / (most - least)) for value in raw]
