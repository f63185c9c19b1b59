"""Which pods are of which workload, where only their names are known: in metrics, and of pods that are gone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from aiops.core.entity import Entity

LONGEST_BASE = 58
"""Characters of a generated name before its random part; Kubernetes cuts off the rest."""

_C = "[bcdfghjklmnpqrstvwxz2456789]"
"""What Kubernetes generates names of: no vowels, so that hashes make no words."""

_HASH, _RANDOM = f"{_C}{{6,10}}", f"{_C}{{5}}"
_LONGEST_HASH = "-0123456789-"


def pod_pattern(workload: Entity) -> str:
    """A regular expression (RE2 and Python) of the whole names of a workload's pods.

    The generated parts are told by their letters and lengths, so `geo` does not take the pods of `geo-cache`.
    """
    name = re.escape(workload.name).replace(r"\-", "-")
    if workload.kind == "StatefulSet":
        return f"{name}-[0-9]+"
    if workload.kind == "DaemonSet":
        return f"{_cut(workload.name, '-') or f'{name}-'}{_RANDOM}"
    if workload.kind == "Deployment":
        cut = _cut(workload.name, _LONGEST_HASH)
        return f"{cut}({_C}{{1,10}}-?)?{_RANDOM}" if cut else f"{name}-{_HASH}-{_RANDOM}"
    return name


def _cut(name: str, more: str) -> str:
    """The part of the name that is left before the random part; empty where it fits as a whole."""
    if len(name + more) <= LONGEST_BASE:
        return ""
    return re.escape(f"{name}-"[:LONGEST_BASE]).replace(r"\-", "-")


def pods_of(workload: Entity) -> str:
    """PromQL label matchers, without braces, of the pods of a workload; those that are gone are found as well."""
    return f"namespace={json.dumps(workload.namespace)},pod=~{json.dumps(pod_pattern(workload))}"


def maker_of(namespace: str, name: str, workloads: Iterable[Entity]) -> Entity | None:
    """The workload whose pods or ReplicaSets are named so. Where several would fit, the one with the longest name."""
    near = [w for w in workloads if w.namespace == namespace and name.startswith(w.name[:LONGEST_BASE])]
    made = [w for w in near if re.fullmatch(pod_pattern(w), name) or _replica_set(w, name)]
    return max(made, key=lambda workload: len(workload.name), default=None)


def _replica_set(workload: Entity, name: str) -> bool:
    pattern = f"{re.escape(workload.name)}-{_HASH}"
    return workload.kind == "Deployment" and re.fullmatch(pattern, name) is not None
