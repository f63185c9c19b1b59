"""Role-based access control: may this user do that?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from aiops.core.entity import Manifest
from aiops.lab.kube.access.user import MASTERS, User
from aiops.lab.kube.api.request import RequestInfo

Rule = dict[str, Any]


class Reader(Protocol):
    """The reads that an authoriser needs."""

    def objects(self, kind: str, namespace: str = "") -> Iterable[Manifest]: ...

    def find(self, kind: str, namespace: str, name: str) -> Manifest | None: ...


@dataclass(frozen=True, slots=True)
class Access:
    """What somebody wants to do: `verb` on a resource, or on a `path` outside the API's resources."""

    verb: str
    group: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    path: str = ""


def access_of(info: RequestInfo) -> Access:
    if not info.is_resource:
        return Access(info.verb, path=info.path)
    return Access(info.verb, info.group, info.plural, info.subresource, info.namespace, info.name)


def allowed(reader: Reader, user: User, access: Access) -> str | None:
    """Why the user may do it (the binding), or None where nothing allows it."""
    if MASTERS in user.groups:
        return MASTERS
    for why, rule in rules_of(reader, user, access.namespace):
        if rule_allows(rule, access):
            return why
    return None


def rules_of(reader: Reader, user: User, namespace: str) -> Iterator[tuple[str, Rule]]:
    """Every rule that holds for a user, cluster-wide ones first, each with the binding that gives it."""
    for kind, where in (("ClusterRoleBinding", ""), ("RoleBinding", namespace)):
        if kind == "RoleBinding" and not namespace:
            return
        for binding in reader.objects(kind, where):
            if any(_is_subject(subject, user, where) for subject in binding.get("subjects") or ()):
                for rule in _role_rules(reader, binding["roleRef"], where):
                    yield f'{kind} "{binding["metadata"]["name"]}"', rule


def _is_subject(subject: dict[str, Any], user: User, namespace: str) -> bool:
    name = subject.get("name")
    if subject.get("kind") == "Group":
        return name in user.groups
    if subject.get("kind") == "ServiceAccount":
        return user.name == f"system:serviceaccount:{subject.get('namespace') or namespace}:{name}"
    return subject.get("kind") == "User" and name == user.name


def _role_rules(reader: Reader, reference: dict[str, Any], namespace: str) -> list[Rule]:
    kind = reference["kind"]
    if kind not in ("Role", "ClusterRole"):
        return []
    role = reader.find(kind, namespace if kind == "Role" else "", reference["name"])
    return (role.get("rules") or []) if role else []


def rule_allows(rule: Rule, access: Access) -> bool:
    """Does one rule of a role allow the access?"""
    if not _covers(rule.get("verbs"), access.verb):
        return False
    if access.path:
        return any(_path_matches(pattern, access.path) for pattern in rule.get("nonResourceURLs") or ())
    wanted = f"{access.resource}/{access.subresource}" if access.subresource else access.resource
    resources = rule.get("resources") or ()
    if not _covers(resources, wanted) and f"*/{access.subresource or '-'}" not in resources:
        return False
    names = rule.get("resourceNames") or ()
    return _covers(rule.get("apiGroups"), access.group) and (not names or access.name in names)


def _covers(allowed_values: Any, wanted: str) -> bool:
    return bool(allowed_values) and ("*" in allowed_values or wanted in allowed_values)


def _path_matches(pattern: str, path: str) -> bool:
    return pattern in ("*", path) or (pattern.endswith("*") and path.startswith(pattern[:-1]))
