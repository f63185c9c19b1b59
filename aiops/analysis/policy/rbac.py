"""Kubernetes' role-based access control as a pure function: who may do what, and by which binding.

The rules are those of the RBAC authoriser (https://kubernetes.io/docs/reference/access-authn-authz/rbac/): rights only
add up, a RoleBinding grants in its own namespace alone, and a ClusterRole is what its `rules` say (the controller has
written the aggregated ones into them). Other authorisers (node, webhook) are not known here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from aiops.core.entity import Entity, Manifest

ROLES = ("Role", "ClusterRole")
BINDINGS = ("RoleBinding", "ClusterRoleBinding")
ANY = "*"
ACCOUNT_PREFIX = "system:serviceaccount:"
ACCOUNTS = "system:serviceaccounts"
AUTHENTICATED = "system:authenticated"


@dataclass(frozen=True, slots=True)
class Request:
    """One call to the API. `resource` is plural, with its part where there is one (`pods/log`); `group` is empty for
    the core group; `namespace` is empty for a call about the whole cluster, `name` where no object is named."""

    verb: str
    resource: str
    group: str = ""
    namespace: str = ""
    name: str = ""

    def __str__(self) -> str:
        group = f".{self.group}" if self.group else ""
        name = f" {self.name!r}" if self.name else ""
        where = f"in namespace {self.namespace}" if self.namespace else "cluster-wide"
        return f"{self.verb} {self.resource}{group}{name} {where}"


@dataclass(frozen=True, slots=True, order=True)
class RbacSubject:
    """Whom a binding names. `namespace` is set for service accounts only."""

    kind: Literal["User", "Group", "ServiceAccount"]
    name: str
    namespace: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


@dataclass(frozen=True, slots=True)
class Grant:
    """One subject to whom a binding gives a right, through which role."""

    subject: RbacSubject
    binding: Entity
    role: Entity


@dataclass(frozen=True, slots=True)
class BoundRole:
    """A binding with the role that it refers to, and that role's rules."""

    binding: Manifest
    role: Entity
    rules: tuple[Manifest, ...]


def who_can(
    objects: Iterable[Manifest], verb: str, resource: str, group: str, namespace: str, name: str = ""
) -> list[Grant]:
    """Everybody who may make a call, by subject, binding and role.

    `objects` are Roles, ClusterRoles and their bindings with their kinds; other kinds are left out. With an empty
    `namespace` only rights in the whole cluster count; with an empty `name` rights to named objects do not.
    """
    wanted = Request(verb, resource, group, namespace, name)
    found = [
        Grant(subject, Entity.of(bound.binding), bound.role)
        for bound in _bound(objects)
        if _reaches(bound.binding, namespace) and any(covers(rule, wanted) for rule in bound.rules)
        for subject in subjects_of(bound.binding)
    ]
    return sorted(dict.fromkeys(found), key=lambda g: (g.subject, str(g.binding), str(g.role)))


def allowed(
    objects: Iterable[Manifest],
    user: str,
    verb: str,
    resource: str,
    group: str,
    namespace: str,
    name: str = "",
    groups: Sequence[str] = (),
) -> bool:
    """May a user make a call? A service account is written `system:serviceaccount:NAMESPACE:NAME`, and brings the
    groups that every service account has."""
    grants = who_can(objects, verb, resource, group, namespace, name)
    return any(is_meant(grant.subject, user, groups) for grant in grants)


def covers(rule: Manifest, wanted: Request) -> bool:
    """Does one rule of a role allow a call, where the binding reaches?"""
    names = rule.get("resourceNames") or []
    return (
        _lists(rule.get("verbs"), wanted.verb)
        and _lists(rule.get("apiGroups"), wanted.group)
        and _lists_resource(rule.get("resources"), wanted.resource)
        and (not names or (bool(wanted.name) and wanted.name in names))
    )


def is_meant(subject: RbacSubject, user: str, groups: Sequence[str] = ()) -> bool:
    """Does a binding's subject mean this user, by name or by one of its groups?"""
    if subject.kind == "ServiceAccount":
        return user == account_user(subject.namespace, subject.name)
    if subject.kind == "Group":
        return subject.name in (*groups, *groups_of(user))
    return subject.name == user


def groups_of(user: str) -> tuple[str, ...]:
    """The groups that everybody of this name is in."""
    account = account_of(user)
    mine = (ACCOUNTS, f"{ACCOUNTS}:{account.namespace}") if account else ()
    return (*mine, AUTHENTICATED)


def account_user(namespace: str, name: str) -> str:
    """The user name of a service account."""
    return f"{ACCOUNT_PREFIX}{namespace}:{name}"


def account_of(user: str) -> Entity | None:
    """The service account of a user name; None for any other user."""
    namespace, found, name = user.removeprefix(ACCOUNT_PREFIX).partition(":")
    if not user.startswith(ACCOUNT_PREFIX) or not found or not namespace or not name:
        return None
    return Entity(kind="ServiceAccount", namespace=namespace, name=name)


def subjects_of(binding: Manifest) -> list[RbacSubject]:
    """Whom a binding names, in its order. A service account without a namespace is of the binding's own."""
    home = binding["metadata"].get("namespace", "")
    found = []
    for item in binding.get("subjects") or ():
        if item.get("kind") in ("User", "Group", "ServiceAccount"):
            namespace = (item.get("namespace") or home) if item["kind"] == "ServiceAccount" else ""
            found.append(RbacSubject(item["kind"], item.get("name", ""), namespace))
    return found


def account_entity(subject: RbacSubject) -> Entity:
    """The service account that a binding's subject of that kind means."""
    return Entity(kind="ServiceAccount", namespace=subject.namespace, name=subject.name)


def names_account(binding: Manifest, account: Entity) -> bool:
    """Does a binding name this service account itself, not one of its groups?"""
    return any(s.kind == "ServiceAccount" and account_entity(s) == account for s in subjects_of(binding))


def bound_to(objects: Iterable[Manifest], account: Entity) -> list[BoundRole]:
    """The bindings that give a role to a service account: by itself, by its user name, or by a group that every
    account of its namespace, every account, or everybody is in."""
    user = account_user(account.namespace, account.name)
    return [b for b in _bound(objects) if any(is_meant(subject, user) for subject in subjects_of(b.binding))]


def role_of(binding: Manifest) -> Entity:
    """The role that a binding refers to."""
    ref = binding.get("roleRef") or {}
    home = binding["metadata"].get("namespace", "") if ref.get("kind") == "Role" else ""
    return Entity(kind=ref.get("kind") or "ClusterRole", namespace=home, name=ref.get("name", ""))


def _bound(objects: Iterable[Manifest]) -> Iterator[BoundRole]:
    """Every binding with its role, by namespace and name. One whose role is not there grants nothing."""
    roles: dict[Entity, Manifest] = {}
    bindings: list[Manifest] = []
    for item in objects:
        if item.get("kind") in ROLES:
            roles[Entity.of(item)] = item
        elif item.get("kind") in BINDINGS:
            bindings.append(item)
    for binding in sorted(bindings, key=lambda b: str(Entity.of(b))):
        role = role_of(binding)
        found = roles.get(role)
        # A cluster-wide binding can refer to a ClusterRole alone.
        if found is not None and not (binding["kind"] == "ClusterRoleBinding" and role.kind == "Role"):
            yield BoundRole(binding, role, tuple(found.get("rules") or ()))


def _reaches(binding: Manifest, namespace: str) -> bool:
    if binding["kind"] == "ClusterRoleBinding":
        return True
    return bool(namespace) and binding["metadata"].get("namespace", "") == namespace


def _lists(values: Any, wanted: str) -> bool:
    return bool(values) and (ANY in values or wanted in values)


def _lists_resource(values: Any, wanted: str) -> bool:
    """`*` is every resource with its parts, `*/scale` that part of every resource."""
    _, slash, part = wanted.partition("/")
    return _lists(values, wanted) or bool(slash and values and f"{ANY}/{part}" in values)
