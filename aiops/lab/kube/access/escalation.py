"""Nobody gives rights that they don't have: checks on roles and bindings, as the server's policy-based storage does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.kube.access.rbac import (
    GROUP,
    Access,
    Reader,
    Rule,
    allowed,
    role_rules,
    rules_of,
)
from aiops.lab.kube.access.user import MASTERS, User
from aiops.lab.kube.errors import ApiError, not_found
from aiops.lab.kube.kinds.resources import Resource
from aiops.lab.kube.objects import with_metadata

ROLES = ("Role", "ClusterRole")
BINDINGS = ("RoleBinding", "ClusterRoleBinding")
_EVERYTHING: list[Rule] = [
    {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]},
    {"nonResourceURLs": ["*"], "verbs": ["*"]},
]


def check_escalation(reader: Reader, user: User, resource: Resource, new: Manifest, old: Manifest | None) -> None:
    """Refuse a role or binding that gives more than the user has. Raises 403, 404 (the role of a binding)."""
    if MASTERS in user.groups or (old is not None and _only_ownership(new, old)):
        return
    if resource.kind in ROLES:
        _check_role(reader, user, resource, new, old)
    elif resource.kind in BINDINGS:
        _check_binding(reader, user, resource, new)


def _check_role(reader: Reader, user: User, resource: Resource, new: Manifest, old: Manifest | None) -> None:
    name, namespace = new["metadata"].get("name", ""), _namespace(resource, new)
    asked = name if old is not None else ""
    if allowed(reader, user, Access("escalate", GROUP, resource.plural, namespace=namespace, name=asked)):
        return
    held = rules_of(reader, user, namespace)
    _check_rules(resource, name, user, held, new.get("rules") or [])
    gathers = any(((role or {}).get("aggregationRule") or {}).get("clusterRoleSelectors") for role in (new, old))
    if gathers and any(_not_covered(held, _EVERYTHING)):
        raise _forbidden(resource, name, "must have cluster-admin privileges to use the aggregationRule")


def _check_binding(reader: Reader, user: User, resource: Resource, new: Manifest) -> None:
    reference, namespace = new["roleRef"], _namespace(resource, new)
    role = {"Role": "roles", "ClusterRole": "clusterroles"}.get(reference.get("kind", ""), "")
    access = Access("bind", reference.get("apiGroup", GROUP), role, namespace=namespace, name=reference["name"])
    if role and allowed(reader, user, access):
        return
    rules = role_rules(reader, reference, namespace)
    if rules is None:
        raise not_found(resource, reference["name"])  # so the server words it: the binding's kind, the role's name
    _check_rules(resource, new["metadata"].get("name", ""), user, rules_of(reader, user, namespace), rules)


def _namespace(resource: Resource, new: Manifest) -> str:
    return str(new["metadata"].get("namespace", "")) if resource.namespaced else ""


def _only_ownership(new: Manifest, old: Manifest) -> bool:
    """Does the update touch nothing but owners and finalizers, as the garbage collector does?"""
    kept = {key: old["metadata"].get(key) for key in ("ownerReferences", "finalizers", "managedFields")}
    return with_metadata(new, **kept) == with_metadata(old)


def _check_rules(resource: Resource, name: str, user: User, held: list[Rule], wanted: list[Rule]) -> None:
    missing = list(_not_covered(held, wanted))
    if not missing:
        return
    lines = "\n".join(sorted({_compact_string(rule) for rule in _compacted(missing)}))
    groups = " ".join(f'"{group}"' for group in user.groups)
    why = f'user "{user.name}" (groups=[{groups}]) is attempting to grant RBAC permissions not currently held:\n{lines}'
    raise _forbidden(resource, name, why)


def _forbidden(resource: Resource, name: str, why: str) -> ApiError:
    details = {"name": name, "group": resource.group, "kind": resource.plural}
    return ApiError(403, "Forbidden", f'{resource.qualified} "{name}" is forbidden: {why}', details)


def _not_covered(held: list[Rule], wanted: list[Rule]) -> Iterator[Rule]:
    """The smallest parts of the wanted rules that no held rule covers."""
    for rule in wanted:
        for part in _parts(rule):
            if not any(_rule_covers(owner, part) for owner in held):
                yield part


def _parts(rule: Rule) -> Iterator[Rule]:
    """A rule as many, each of one verb, one resource and at most one name."""
    for group in rule.get("apiGroups") or ():
        for resource in rule.get("resources") or ():
            for verb in rule.get("verbs") or ():
                part = {"apiGroups": [group], "resources": [resource], "verbs": [verb]}
                names = rule.get("resourceNames") or ()
                yield from ({**part, "resourceNames": [name]} for name in names) if names else (part,)
    for path in rule.get("nonResourceURLs") or ():
        for verb in rule.get("verbs") or ():
            yield {"nonResourceURLs": [path], "verbs": [verb]}


def _rule_covers(owner: Rule, part: Rule) -> bool:
    if not _has(owner, "verbs", part["verbs"][0]):
        return False
    if "nonResourceURLs" in part:
        path = part["nonResourceURLs"][0]
        return any(_path_covers(own, path) for own in owner.get("nonResourceURLs") or ())
    resource = part["resources"][0]
    fits = _has(owner, "resources", resource)
    if not fits and "/" in resource:
        fits = f"*/{resource.partition('/')[2]}" in (owner.get("resources") or ())
    names = owner.get("resourceNames") or []
    return fits and _has(owner, "apiGroups", part["apiGroups"][0]) and (not names or _named(part) in names)


def _named(part: Rule) -> str | None:
    names = part.get("resourceNames")
    return names[0] if names else None


def _has(owner: Rule, field: str, value: str) -> bool:
    values = owner.get(field) or ()
    return "*" in values or value in values


def _path_covers(own: str, path: str) -> bool:
    return own == path or (own.endswith("*") and path.startswith(own.rstrip("*")))


def _compacted(rules: list[Rule]) -> list[Rule]:
    """Parts that differ by their verb alone are one rule again."""
    found: dict[Any, Rule] = {}
    for number, rule in enumerate(rules):
        if "nonResourceURLs" in rule:
            found[number] = rule
            continue
        key = (rule["apiGroups"][0], rule["resources"][0], _named(rule))
        known = found.get(key)
        found[key] = {**rule, "verbs": [*known["verbs"], *rule["verbs"]]} if known else rule
    return list(found.values())


def _compact_string(rule: Rule) -> str:
    """As the server shows a rule (`rbac/v1.CompactString`)."""
    fields = ("apiGroups", "resources", "nonResourceURLs", "resourceNames", "verbs")
    titles = ("APIGroups", "Resources", "NonResourceURLs", "ResourceNames", "Verbs")
    shown = [
        f"{title}:[{' '.join(_go_quoted(value) for value in rule[field])}]"
        for field, title in zip(fields, titles, strict=True)
        if rule.get(field)
    ]
    return f"{{{', '.join(shown)}}}"


def _go_quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
