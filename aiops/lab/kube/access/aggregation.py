"""ClusterRoles that gather the rules of others by their labels, as the cluster role aggregation controller does."""

from __future__ import annotations

from collections.abc import Iterable

from aiops.core.entity import Manifest
from aiops.lab.kube.access.rbac import Rule
from aiops.lab.kube.selectors import matches_selector


def aggregated(role: Manifest, roles: Iterable[Manifest]) -> list[Rule]:
    """The rules that an aggregating role should have: those of every selected role by name, each rule once."""
    gathered: list[Rule] = []
    for selector in (role.get("aggregationRule") or {}).get("clusterRoleSelectors") or ():
        for other in sorted(roles, key=lambda item: str(item["metadata"]["name"])):
            labels = other["metadata"].get("labels") or {}
            if other["metadata"]["name"] == role["metadata"]["name"] or not matches_selector(selector, labels):
                continue
            gathered += [rule for rule in other.get("rules") or () if rule not in gathered]
    return gathered
