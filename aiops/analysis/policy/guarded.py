"""What is never granted by a machine, and rights in words that a person can approve.

A right is guarded where whoever has it can get other rights, read credentials, or act as somebody else: see "Privilege
escalation" of https://kubernetes.io/docs/concepts/security/rbac-good-practices/. Resources are guarded in every API
group, because old groups still serve some of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from aiops.analysis.policy.rbac import ANY, RbacSubject, Request, account_entity, covers, role_of, subjects_of
from aiops.core.entity import Entity, Manifest

ESCALATING = frozenset({"approve", "attest", "bind", "escalate", "impersonate", "sign"})
"""Verbs with which an account can give itself other rights."""

GROUPS = frozenset(
    {
        "admissionregistration.k8s.io",
        "apiextensions.k8s.io",
        "apiregistration.k8s.io",
        "authentication.k8s.io",
        "certificates.k8s.io",
        "rbac.authorization.k8s.io",
    }
)
"""API groups that decide who may do what: nothing in them."""

RESOURCES = frozenset({"namespaces", "nodes", "persistentvolumes", "secrets", "serviceaccounts"})
"""Resources of which no right is granted, and none to a part of them."""

PARTS = frozenset({"attach", "binding", "ephemeralcontainers", "exec", "portforward", "proxy", "token"})
"""Parts of resources that let their user into a container, to a network, or act as another account."""

RUNNING = frozenset(
    {
        "cronjobs",
        "daemonsets",
        "deployments",
        "jobs",
        "pods",
        "podtemplates",
        "replicasets",
        "replicationcontrollers",
        "statefulsets",
    }
)
"""Resources whose writer runs containers as any account of the namespace, with any Secret of it."""

WRITING = frozenset({"create", "patch", "update"})


def too_wide(rule: Manifest) -> str:
    """What of a role's rule must not be granted by a machine; empty where nothing is."""
    for part in ("apiGroups", "resources", "verbs"):
        if any(ANY in value for value in rule.get(part) or ()):
            return f"a wildcard in {part}"
    if rule.get("nonResourceURLs"):
        return "a path of the API server"
    verbs = set(rule.get("verbs") or ())
    if risky := sorted(ESCALATING & verbs):
        return f"the verb {risky[0]}"
    if groups := sorted(GROUPS.intersection(rule.get("apiGroups") or ())):
        return f"a right in the API group {groups[0]}"
    return next((why for resource in rule.get("resources") or () if (why := _too_wide(resource, verbs))), "")


def _too_wide(resource: str, verbs: set[str]) -> str:
    name, _, part = resource.partition("/")
    if name in RESOURCES or part in PARTS:
        return f"a right to {resource}"
    writes = sorted(WRITING & verbs)
    return f"the right to {writes[0]} {resource}" if resource in RUNNING and writes else ""


def added(rules: Iterable[Manifest], now: Iterable[Manifest] = ()) -> list[Manifest]:
    """The rules that are not among those of now."""
    known = [_normal(rule) for rule in now]
    return [rule for rule in rules if _normal(rule) not in known]


def refused(rules: Iterable[Manifest], now: Iterable[Manifest] = ()) -> str:
    """Why not all these rules may be granted to somebody who has those of `now`; empty where they may."""
    return next((why for rule in added(rules, now) if (why := too_wide(rule))), "")


def refused_subjects(
    binding: Manifest, subjects: Iterable[RbacSubject], role: Manifest | None, accounts: Collection[Entity]
) -> str:
    """Why a RoleBinding may not get these subjects; empty where it may. Whom it names already may stay.

    `role` is what the binding refers to, None where that is not there; `accounts` are the service accounts that exist.
    """
    known = subjects_of(binding)
    new = [subject for subject in subjects if subject not in known]
    if not new:
        return ""
    named, home = role_of(binding), binding["metadata"].get("namespace", "")
    if named.kind != "Role":
        return f"{named}, whose rights are not of this namespace alone,"
    if role is None:
        return f"{named}, which does not exist, so that nobody can say what it allows,"
    for subject in new:
        if subject.kind != "ServiceAccount":
            return f"a role to a {subject.kind}"
        if subject.namespace != home:
            return f"a role to an account of another namespace ({subject})"
        if account_entity(subject) not in accounts:
            return f"a role to an account that does not exist ({subject})"
    why = refused(role.get("rules") or ())
    return f"{named}, which gives {why}," if why else ""


def gained(rules: Iterable[Manifest], now: Sequence[Manifest] = ()) -> list[Manifest]:
    """What these rules allow and those of `now` do not: one rule for each resource and name."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for rule in rules:
        for asked in _requests(rule):
            verbs = found.setdefault((asked.group, asked.resource, asked.name), [])
            if asked.verb not in verbs and not any(covers(one, asked) for one in now):
                verbs.append(asked.verb)
    return [
        {"apiGroups": [group], "resources": [resource], "verbs": verbs, "resourceNames": [name] if name else []}
        for (group, resource, name), verbs in found.items()
        if verbs
    ]


def _requests(rule: Manifest) -> Iterator[Request]:
    for group in rule.get("apiGroups") or ():
        for resource in rule.get("resources") or ():
            for name in rule.get("resourceNames") or ("",):
                for verb in rule.get("verbs") or ():
                    yield Request(verb, resource, group, "", name)


def in_words(rules: Sequence[Manifest]) -> str:
    """Every right of these rules, for people."""
    return "; ".join(map(_in_words, rules)) or "none"


def _in_words(rule: Manifest) -> str:
    what = [
        f"{resource}.{group}" if group else resource
        for group in rule.get("apiGroups") or ("",)
        for resource in rule.get("resources") or ()
    ]
    names = f" named {', '.join(rule['resourceNames'])}" if rule.get("resourceNames") else ""
    paths = list(rule.get("nonResourceURLs") or ())
    return f"{', '.join(rule.get('verbs') or ())} {', '.join([*what, *paths])}{names}"


def _normal(rule: Manifest) -> dict[str, Any]:
    return {key: value for key, value in rule.items() if value}
