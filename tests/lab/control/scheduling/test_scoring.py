"""The columns by which nodes are compared give what a slow count over the answers gives."""

from __future__ import annotations

from math import log
from random import Random
from typing import Any

import pytest

from aiops.core.entity import Manifest
from aiops.lab.control.scheduling.cache import ClusterCache
from aiops.lab.control.scheduling.cycle import Finder
from aiops.lab.control.scheduling.evaluation import Evaluation
from aiops.lab.control.scheduling.scoring import best
from aiops.lab.control.scheduling.spread import HOSTNAME, ZONE
from aiops.lab.control.scheduling.view import View


def _node(rng: Random, index: int) -> Manifest:
    labels = {HOSTNAME: f"n{index}", "disk": rng.choice(["ssd", "hdd"])}
    if zone := rng.choice(["a", "b", "c", ""]):
        labels[ZONE] = zone
    spec = {"taints": [{"key": "own", "effect": "PreferNoSchedule"}]} if rng.random() < 0.3 else {}
    have = {"cpu": str(rng.randint(2, 8)), "memory": "16Gi", "pods": "110"}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": f"n{index}", "labels": labels},
        "spec": spec,
        "status": {"allocatable": have, "capacity": have},
    }


def _pod(rng: Random, index: int) -> Manifest:
    resources = {"requests": {"cpu": rng.choice(["10m", "100m"]), "memory": "16Mi"}}
    spec: Manifest = {"containers": [{"name": "c", "image": "i:1", "resources": resources}]}
    selector = {"labelSelector": {"matchLabels": {"app": "x"}}}
    if rng.random() < 0.4:
        constraint = {"maxSkew": rng.randint(1, 3), "whenUnsatisfiable": "ScheduleAnyway", **selector}
        keys = rng.sample([HOSTNAME, ZONE, "missing"], rng.randint(1, 2))
        spec["topologySpreadConstraints"] = [{**constraint, "topologyKey": key} for key in keys]
    if rng.random() < 0.4:
        term = {"matchExpressions": [{"key": "disk", "operator": "In", "values": ["ssd"]}]}
        node = {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 7, "preference": term}]}
        spec["affinity"] = {"nodeAffinity": node}
    if rng.random() < 0.3:
        near = {"weight": 5, "podAffinityTerm": {"topologyKey": ZONE, **selector}}
        spec.setdefault("affinity", {})["podAffinity"] = {"preferredDuringSchedulingIgnoredDuringExecution": [near]}
    metadata = {"name": f"p{index}", "namespace": "default", "labels": {"app": rng.choice(["x", "y"])}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


@pytest.mark.parametrize("seed", range(6))
def test_the_best_node_is_that_of_the_slow_count(make_lab: Any, seed: int) -> None:
    rng, lab = Random(seed), make_lab(nodes=0)
    lab.create("v1", "Service", "x", spec={"selector": {"app": "x"}, "ports": [{"port": 80}]})
    for index in range(rng.randint(2, 12)):
        node = _node(rng, index)
        made = lab.store.create(node, manager="test")
        lab.store.update({**node, "metadata": made["metadata"]}, manager="test")  # without the taint of new nodes
    cache = ClusterCache(lab.store)
    finder = Finder(lab.store, cache)
    for index in range(25):
        pod = lab.store.create(_pod(rng, index), manager="test")
        attempt = finder.attempt(pod)
        names = [name for name in attempt.candidates() if attempt.refuse(name) is None]
        totals = _totals(attempt.view, names)
        chosen = best(attempt.view, names)
        assert chosen == names[totals.index(max(totals))]
        cache.assume({**pod, "spec": {**pod["spec"], "nodeName": chosen}}, chosen)


def _totals(view: View, names: list[str]) -> list[int]:
    """Node by node, with the weights of the default plug-ins."""
    answers = [view.evaluations[name] for name in names]
    avoided, liked = max(each.avoid for each in answers), max(each.liked for each in answers)
    spread, near = _spread(view, answers), _near(view, answers)
    return [
        each.score
        + 3 * (100 - (each.avoid * 100 // avoided if avoided else 0))
        + 2 * (each.liked * 100 // liked if liked else 0)
        + 2 * spread[index]
        + 2 * near[index]
        for index, each in enumerate(answers)
    ]


def _spread(view: View, answers: list[Evaluation]) -> list[int]:
    soft, default = view.profile.soft, view.profile.default_soft
    kept = [default or all(each.key in answer.labels for each in soft) for answer in answers]
    scores = []
    for answer in answers:
        score = 0.0
        for index, each in enumerate(soft):
            label = answer.labels.get(each.key)
            known = {other.labels.get(each.key) for other, keep in zip(answers, kept, strict=True) if keep}
            size = sum(kept) if each.key == HOSTNAME else len(known)
            count = (answer.soft[index] or 0) if each.key == HOSTNAME else view.soft[index].get(label or "", [0])[0]
            if label is not None:
                score += count * log(size + 2) + each.max_skew - 1
        scores.append(round(score))
    valid = [score for score, keep in zip(scores, kept, strict=True) if keep]
    most, least = max(valid, default=0), min(valid, default=0)
    if not soft:
        return [0] * len(answers)
    return [
        (100 * (most + least - score) // most if most else 100) if keep else 0
        for score, keep in zip(scores, kept, strict=True)
    ]


def _near(view: View, answers: list[Evaluation]) -> list[int]:
    raw = [sum(view.weights.get(pair, 0) for pair in answer.labels.items()) for answer in answers]
    least, most = min(raw), max(raw)
    return [int(100 * (value - least) / (most - least)) if most > least else 0 for value in raw]
