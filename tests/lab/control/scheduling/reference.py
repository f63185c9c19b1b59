"""A slow scheduler without caches, to compare the fast one with: the documented rules, node by node, pod by pod."""

from __future__ import annotations

from typing import Any

from aiops.core.entity import Manifest
from aiops.core.quantity import parse_quantity


def fitting(pod: Manifest, nodes: list[Manifest], pods: list[Manifest]) -> set[str]:
    """The names of the nodes on which the pod may run beside the others."""
    return {node["metadata"]["name"] for node in nodes if _fits(pod, node, nodes, pods)}


def _fits(pod: Manifest, node: Manifest, nodes: list[Manifest], pods: list[Manifest]) -> bool:
    here = [other for other in pods if other["spec"].get("nodeName") == node["metadata"]["name"]]
    return (
        _tolerated(pod, node)
        and all(_labels(node).get(k) == v for k, v in (pod["spec"].get("nodeSelector") or {}).items())
        and _room(pod, node, here)
        and not _ports(pod) & {port for other in here for port in _ports(other)}
        and _spread(pod, node, nodes, pods)
        and _apart(pod, node, nodes, pods)
    )


def _labels(item: Manifest) -> dict[str, str]:
    return item["metadata"].get("labels") or {}


def _tolerated(pod: Manifest, node: Manifest) -> bool:
    keys = {each["key"] for each in pod["spec"].get("tolerations") or ()}
    taints = [taint["key"] for taint in node["spec"].get("taints") or ()]
    if node["spec"].get("unschedulable"):
        taints.append("node.kubernetes.io/unschedulable")
    return all(key in keys for key in taints)


def _room(pod: Manifest, node: Manifest, here: list[Manifest]) -> bool:
    have = node["status"]["allocatable"]
    if len(here) + 1 > int(have["pods"]):
        return False
    return all(
        sum(_asks(each, name) for each in [*here, pod]) <= parse_quantity(have[name]) + 1e-9
        for name in ("cpu", "memory")
        if _asks(pod, name)
    )


def _asks(pod: Manifest, name: str) -> float:
    return sum(
        parse_quantity(((c.get("resources") or {}).get("requests") or {}).get(name, 0))
        for c in pod["spec"]["containers"]
    )


def _ports(pod: Manifest) -> set[int]:
    return {port["hostPort"] for c in pod["spec"]["containers"] for port in c.get("ports") or ()}


def _domain(pods: list[Manifest], nodes: list[Manifest], key: str, value: str, wanted: dict[str, str]) -> int:
    names = {node["metadata"]["name"] for node in nodes if _labels(node).get(key) == value}
    return sum(
        other["spec"].get("nodeName") in names and all(_labels(other).get(k) == v for k, v in wanted.items())
        for other in pods
    )


def _spread(pod: Manifest, node: Manifest, nodes: list[Manifest], pods: list[Manifest]) -> bool:
    for each in pod["spec"].get("topologySpreadConstraints") or ():
        key, wanted = each["topologyKey"], each["labelSelector"]["matchLabels"]
        if key not in _labels(node):
            return False
        chosen = pod["spec"].get("nodeSelector") or {}
        counted = [n for n in nodes if all(_labels(n).get(k) == v for k, v in chosen.items()) and key in _labels(n)]
        values = sorted({_labels(n)[key] for n in counted})
        least = min((_domain(pods, counted, key, value, wanted) for value in values), default=0)
        own = all(_labels(pod).get(k) == v for k, v in wanted.items())
        if _domain(pods, counted, key, _labels(node)[key], wanted) + own - least > each["maxSkew"]:
            return False
    return True


def _far_terms(pod: Manifest) -> list[Any]:
    affinity = (pod["spec"].get("affinity") or {}).get("podAntiAffinity") or {}
    return list(affinity.get("requiredDuringSchedulingIgnoredDuringExecution") or ())


def _apart(pod: Manifest, node: Manifest, nodes: list[Manifest], pods: list[Manifest]) -> bool:
    by_name = {each["metadata"]["name"]: each for each in nodes}
    for other in pods:
        place = by_name[other["spec"]["nodeName"]]
        for one, two in ((pod, other), (other, pod)):
            for term in _far_terms(one):
                key, wanted = term["topologyKey"], term["labelSelector"]["matchLabels"]
                same = key in _labels(node) and _labels(node)[key] == _labels(place).get(key)
                if same and all(_labels(two).get(k) == v for k, v in wanted.items()):
                    return False
    return True
