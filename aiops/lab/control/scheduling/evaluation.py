"""How one node answers a profile, as far as the node alone decides it."""

from __future__ import annotations

from dataclasses import dataclass

from aiops.lab.control.scheduling.nodeinfo import NodeInfo
from aiops.lab.control.scheduling.profile import Profile
from aiops.lab.control.scheduling.taints import HARD_EFFECTS, UNSCHEDULABLE, tolerates, untolerated
from aiops.lab.kube.objects import labels_of

MAX_SCORE = 100


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a node does not fit. `final` where taking pods away would not help."""

    reasons: tuple[str, ...]
    final: bool = True


Pair = tuple[str, str]
"""A label of nodes and its value: one domain."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One node's answer. `score` sums the plug-ins that need no other node's; `avoid` counts taints that would rather
    not have the pod, `liked` the weights of preferred terms. The rest counts its pods: for each hard and soft
    constraint, all terms of nearness, each term of distance; `rejecting` and `weights` are by domain."""

    labels: dict[str, str]
    refusal: Refusal | None
    score: int
    avoid: int
    liked: int
    hard: tuple[int | None, ...] = ()
    soft: tuple[int | None, ...] = ()
    near: int = 0
    far: tuple[int, ...] = ()
    rejecting: tuple[Pair, ...] = ()
    weights: tuple[tuple[Pair, int], ...] = ()


def evaluate(profile: Profile, info: NodeInfo) -> Evaluation:
    """Ask one node. Its object must be there."""
    node = info.node
    assert node is not None
    refusal = refuse(profile, info)
    taints = node["spec"].get("taints") or ()
    avoid = len(untolerated(_soft_tolerations(profile), taints, ("PreferNoSchedule",))) if taints else 0
    liked = sum(weight for weight, term in profile.preferred if term.matches(node))
    near, far = _matching(profile, info)
    return Evaluation(
        labels_of(node),
        refusal,
        _score(profile, info) if refusal is None else 0,
        avoid,
        liked,
        _counts(profile, info, hard=True),
        _counts(profile, info, hard=False),
        near,
        far,
        _rejecting(profile, info),
        _weights(profile, info),
    )


def refuse(profile: Profile, info: NodeInfo) -> Refusal | None:
    """The first of the node's own filters that refuses the pod, in the order of the default plug-ins."""
    node = info.node
    assert node is not None
    spec = node["spec"]
    if spec.get("unschedulable") and not tolerates(profile.tolerations, UNSCHEDULABLE):
        return Refusal(("node(s) were unschedulable",))
    if profile.node_name and profile.node_name != info.name:
        return Refusal(("node(s) didn't match the requested node name",))
    if spec.get("taints") and untolerated(profile.tolerations, spec["taints"], HARD_EFFECTS):
        return Refusal(("node(s) had untolerated taint(s)",))
    if not profile.likes(node):
        return Refusal(("node(s) didn't match Pod's node affinity/selector",))
    if profile.info.ports and info.taken(profile.info.ports):
        return Refusal(("node(s) didn't have free ports for the requested pod ports",), final=False)
    return short_of(profile, info)


def short_of(profile: Profile, info: NodeInfo) -> Refusal | None:
    """What of its resources the node lacks."""
    reasons, final, allocatable = [], False, info.allocatable
    if len(info.pods) + 1 > allocatable.get("pods", 0):
        reasons.append("Too many pods")
    for name, wanted in profile.info.requests.items():
        have = allocatable.get(name, 0)
        if wanted > 0 and wanted > have - info.requested.get(name, 0):
            reasons.append(f"Insufficient {name}")
            final = final or wanted > have
    return Refusal(tuple(reasons), final) if reasons else None


def _soft_tolerations(profile: Profile) -> list[dict[str, str]]:
    return [each for each in profile.tolerations if each.get("effect") in (None, "", "PreferNoSchedule")]


def _score(profile: Profile, info: NodeInfo) -> int:
    """LeastAllocated, BalancedAllocation and ImageLocality, each of weight 1."""
    cpu, memory = info.allocatable.get("cpu", 0), info.allocatable.get("memory", 0)
    more_cpu, more_memory = profile.info.comparable
    free = [
        (have - wanted) * MAX_SCORE // have if wanted <= have else 0
        for have, wanted in ((cpu, info.cpu + more_cpu), (memory, info.memory + more_memory))
        if have
    ]
    least = sum(free) // len(free) if free else 0
    return least + _balance(profile, info, cpu, memory) + _image_score(profile, info)


def _balance(profile: Profile, info: NodeInfo, cpu: int, memory: int) -> int:
    """How much evener the node is used with the pod than without; nothing for a pod without requests."""
    asked = profile.info.requests
    if not asked.get("cpu") and not asked.get("memory"):
        return 0

    def even(used_cpu: int, used_memory: int) -> int:
        shares = [min(used / have, 1.0) for used, have in ((used_cpu, cpu), (used_memory, memory)) if have]
        spread = abs(shares[0] - shares[1]) / 2 if len(shares) == 2 else 0.0
        return int((1 - spread) * MAX_SCORE)

    before = info.requested.get("cpu", 0), info.requested.get("memory", 0)
    after = even(before[0] + asked.get("cpu", 0), before[1] + asked.get("memory", 0))
    return MAX_SCORE // 2 + (MAX_SCORE // 2 + after - even(*before)) // 2


_LEAST_IMAGE, _MOST_IMAGE = 23 * 1024 * 1024, 1000 * 1024 * 1024


def _image_score(profile: Profile, info: NodeInfo) -> int:
    """More for a node that has large images of the pod already."""
    if not info.images:
        return 0
    most = _MOST_IMAGE * len(profile.images)
    size = min(max(sum(info.images.get(image, 0) for image in profile.images), _LEAST_IMAGE), most)
    return MAX_SCORE * (size - _LEAST_IMAGE) // (most - _LEAST_IMAGE)


def _counts(profile: Profile, info: NodeInfo, *, hard: bool) -> tuple[int | None, ...]:
    """The node's pods that each constraint counts; None where its policies leave the node out."""
    wanted = profile.hard if hard else profile.soft
    if not wanted:
        return ()
    node = info.node
    assert node is not None
    labels = labels_of(node)
    if (hard or not profile.default_soft) and any(constraint.key not in labels for constraint in wanted):
        return tuple(None for _ in wanted)
    likes = profile.likes(node)
    tainted = bool(untolerated(profile.tolerations, node["spec"].get("taints") or (), HARD_EFFECTS))
    near = [pod.labels for pod in info.pods.values() if pod.namespace == profile.namespace and not pod.deleting]
    return tuple(
        None if (c.honours_affinity and not likes) or (c.honours_taints and tainted) else sum(map(c.matches, near))
        for c in wanted
    )


def _matching(profile: Profile, info: NodeInfo) -> tuple[int, tuple[int, ...]]:
    """How many of the node's pods match all terms of required nearness, and each of required distance."""
    terms = profile.info.terms
    if not terms.near and not terms.far:
        return 0, ()
    pods = list(info.pods.values())
    near = sum(all(t.matches(p.namespace, p.labels) for t in terms.near) for p in pods) if terms.near else 0
    return near, tuple(sum(t.matches(p.namespace, p.labels) for p in pods) for t in terms.far)


def _rejecting(profile: Profile, info: NodeInfo) -> tuple[Pair, ...]:
    """The domains that the node's pods keep free of such pods."""
    labels = labels_of(info.node or {"metadata": {}})
    return tuple(
        (term.topology_key, labels[term.topology_key])
        for pod in info.with_terms.values()
        for term in pod.terms.far
        if term.topology_key in labels and term.matches(profile.namespace, profile.labels)
    )


def _weights(profile: Profile, info: NodeInfo) -> tuple[tuple[Pair, int], ...]:
    """What InterPodAffinity adds to whole domains for the node's pods: by the pod's terms, and by theirs.

    Required nearness of pods that are there counts with weight 1 (`hardPodAffinityWeight`)."""
    labels = labels_of(info.node or {"metadata": {}})
    terms = profile.info.terms
    found: dict[Pair, int] = {}

    def add(key: str, weight: int) -> None:
        if key in labels:
            found[key, labels[key]] = found.get((key, labels[key]), 0) + weight

    for pod in info.pods.values() if terms.rather_near or terms.rather_far else ():
        for sign, listed in ((1, terms.rather_near), (-1, terms.rather_far)):
            for term in listed:
                if term.matches(pod.namespace, pod.labels):
                    add(term.topology_key, sign * term.weight)
    for pod in info.with_terms.values():
        theirs = pod.terms
        for sign, listed in ((1, theirs.rather_near), (-1, theirs.rather_far), (1, theirs.near)):
            for term in listed:
                if term.matches(profile.namespace, profile.labels):
                    add(term.topology_key, sign * (term.weight or 1))
    return tuple((pair, weight) for pair, weight in found.items() if weight)
