"""Which role or binding keeps a service account from what it needs, and the smallest change that would allow it.

Nothing is granted to anybody else, nothing with a wildcard, and never a right to read Secrets: those are for people.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from aiops.analysis.policy.rbac import RbacSubject, Request, account_user, covers, is_meant, role_of, subjects_of
from aiops.core.entity import Entity, Manifest

GUARDED = ("secrets", "serviceaccounts/token")
"""Resources that are granted by people alone."""

NAMED_VERBS = ("get", "update", "patch", "delete")
"""Verbs for which a rule can name its objects."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """An object that may lack the right. `wanted` is the whole value of `field` with the smallest grant, None where
    none may be made; `strength` in 0..1 says how sure the blame is."""

    entity: Entity
    field: str
    wanted: list[Any] | None
    strength: float


def suspects(objects: Iterable[Manifest], account: Entity, wanted: Request) -> list[Suspect]:
    """Roles and RoleBindings of the request's namespace to blame for a denial, the likeliest first.

    `objects` are Roles, RoleBindings and ServiceAccounts, with their kinds. Empty where nothing tells.
    """
    everything = list(objects)
    roles = {Entity.of(item): item for item in everything if item.get("kind") == "Role"}
    bindings = [item for item in everything if item.get("kind") == "RoleBinding"]
    here = sorted(
        (b for b in bindings if b["metadata"].get("namespace", "") == wanted.namespace), key=lambda b: str(Entity.of(b))
    )
    own = [binding for binding in here if _names(binding, account)]
    found = list(_bound_roles(own, here, roles, account, wanted))
    if not found:
        accounts = {Entity.of(item) for item in everything if item.get("kind") == "ServiceAccount"}
        found = list(_lost_bindings(here, roles, accounts, account, wanted))
    return sorted(found, key=lambda s: (-s.strength, str(s.entity)))


def grant(rules: Sequence[Manifest], wanted: Request) -> list[Manifest] | None:
    """The rules with exactly one call more; None where only a person should grant it."""
    if wanted.resource in GUARDED or "*" in (wanted.verb, wanted.resource, wanted.group):
        return None
    names = [wanted.name] if wanted.name and wanted.verb in NAMED_VERBS else []
    new: list[Manifest] = [dict(copy.deepcopy(rule)) for rule in rules]
    for rule in new:
        same = rule.get("apiGroups") == [wanted.group] and rule.get("resources") == [wanted.resource]
        if same and (rule.get("resourceNames") or []) == names and not rule.get("nonResourceURLs"):
            rule["verbs"] = [*(rule.get("verbs") or []), wanted.verb]
            return new
        if same and names and rule.get("verbs") == [wanted.verb] and rule.get("resourceNames"):
            rule["resourceNames"] = [*rule["resourceNames"], *names]
            return new
    added: Manifest = {"apiGroups": [wanted.group], "resources": [wanted.resource], "verbs": [wanted.verb]}
    return [*new, added | ({"resourceNames": names} if names else {})]


def _bound_roles(
    own: Sequence[Manifest],
    here: Sequence[Manifest],
    roles: dict[Entity, Manifest],
    account: Entity,
    wanted: Request,
) -> Iterator[Suspect]:
    """Roles bound to the account that lack the right. One that others share is not widened for them too."""
    for binding in own:
        entity = role_of(binding)
        role = roles.get(entity)
        if entity.kind != "Role":
            continue
        if role is None:
            yield Suspect(entity, "", None, 0.9)
            continue
        rules = role.get("rules") or []
        shared = {s for b in here if role_of(b) == entity for s in subjects_of(b)} - {_subject(account)}
        near = any(_same_resource(rule, wanted) for rule in rules)
        yield Suspect(entity, "rules", None if shared else grant(rules, wanted), 0.85 if near else 0.7)


def _lost_bindings(
    here: Sequence[Manifest],
    roles: dict[Entity, Manifest],
    accounts: set[Entity],
    account: Entity,
    wanted: Request,
) -> Iterator[Suspect]:
    """Bindings that grant the right, but not to the account: those that name an account which does not exist, or
    nobody, were likely meant for it."""
    for binding in here:
        rules = (roles.get(role_of(binding)) or {}).get("rules") or []
        if not any(covers(rule, wanted) for rule in rules):
            continue
        subjects = list(binding.get("subjects") or [])
        strays = [s for s in subjects_of(binding) if s.kind == "ServiceAccount" and _entity(s) not in accounts]
        mine = {"kind": "ServiceAccount", "namespace": account.namespace, "name": account.name}
        if strays and accounts:
            kept = [s for s in subjects if RbacSubject(s["kind"], s["name"], _home(s, binding)) not in strays]
            yield Suspect(Entity.of(binding), "subjects", [*kept, mine], 0.85)
        elif not subjects:
            yield Suspect(Entity.of(binding), "subjects", [mine], 0.8)
        else:
            yield Suspect(Entity.of(binding), "subjects", None, 0.5)


def _names(binding: Manifest, account: Entity) -> bool:
    user = account_user(account.namespace, account.name)
    return any(is_meant(subject, user) for subject in subjects_of(binding))


def _subject(account: Entity) -> RbacSubject:
    return RbacSubject("ServiceAccount", account.name, account.namespace)


def _entity(subject: RbacSubject) -> Entity:
    return Entity(kind="ServiceAccount", namespace=subject.namespace, name=subject.name)


def _home(subject: Manifest, binding: Manifest) -> str:
    return str(subject.get("namespace") or binding["metadata"].get("namespace", ""))


def _same_resource(rule: Manifest, wanted: Request) -> bool:
    return wanted.group in (rule.get("apiGroups") or ()) and wanted.resource in (rule.get("resources") or ())
