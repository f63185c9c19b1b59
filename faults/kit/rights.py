"""What a service account may do in its namespace. Source of the rules: the Kubernetes RBAC reference."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

from aiops.core.entity import Entity, Manifest
from aiops.core.target import Target
from aiops.faults.kit.workloads import find

Rule = dict[str, Any]
Right = tuple[str, str, str, str]
"""(verb, API group, resource, name of the object); an empty name is every object."""


def rights_of(rules: list[Rule]) -> list[Right]:
    """Every right that rules spell out, sorted."""
    found = {
        right
        for rule in rules
        for right in product(
            rule.get("verbs") or (),
            rule.get("apiGroups") or (),
            rule.get("resources") or (),
            rule.get("resourceNames") or ("",),
        )
    }
    return sorted(found)


async def may(target: Target, account: Entity, right: Right) -> bool:
    """Whether a service account has a right in its own namespace."""
    rules = [rule async for rule in _rules(target, account)]
    return any(_allows(rule, right) for rule in rules)


async def _rules(target: Target, account: Entity) -> Any:
    for kind, namespace in (("RoleBinding", account.namespace), ("ClusterRoleBinding", "")):
        for binding in await target.list(kind, namespace):
            if binds(binding, account):
                reference = binding["roleRef"]
                where = namespace if reference["kind"] == "Role" else ""
                role = await find(target, Entity(kind=reference["kind"], namespace=where, name=reference["name"]))
                for rule in (role or {}).get("rules") or ():
                    yield rule


def binds(binding: Manifest, account: Entity) -> bool:
    """Whether a binding names a service account, itself or by a group that it is in."""
    namespace = binding["metadata"].get("namespace", "")
    return any(_is(subject, account, namespace) for subject in binding.get("subjects") or ())


def _is(subject: Manifest, account: Entity, namespace: str) -> bool:
    if subject["kind"] == "ServiceAccount":
        return (subject.get("namespace") or namespace, subject["name"]) == (account.namespace, account.name)
    if subject["kind"] == "Group":
        groups = ("system:authenticated", "system:serviceaccounts", f"system:serviceaccounts:{account.namespace}")
        return subject["name"] in groups
    return bool(subject["name"] == f"system:serviceaccount:{account.namespace}:{account.name}")


def _allows(rule: Rule, right: Right) -> bool:
    verb, group, resource, name = right
    names = rule.get("resourceNames") or ()
    return (
        _covers(rule.get("verbs"), verb)
        and _covers(rule.get("apiGroups"), group)
        and _covers(rule.get("resources"), resource)
        and (not names or name in names)
    )


def _covers(values: Any, wanted: str) -> bool:
    return bool(values) and ("*" in values or wanted in values)


def subjects_of(binding: Manifest) -> Iterator[Entity]:
    """The service accounts that a RoleBinding names."""
    namespace = binding["metadata"]["namespace"]
    for subject in binding.get("subjects") or ():
        if subject["kind"] == "ServiceAccount":
            yield Entity(kind="ServiceAccount", namespace=subject.get("namespace") or namespace, name=subject["name"])
