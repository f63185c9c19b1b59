"""Which role or binding keeps a service account from what it was refused, and what would allow that one call again.

To be refused is no claim to a right: whoever can run code in a pod can have its account refused anything. A right is
given back where a version of an object known from before granted it; everything else is for people.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from aiops.analysis.policy.guarded import too_wide
from aiops.analysis.policy.rbac import (
    Request,
    account_entity,
    account_user,
    allowed,
    covers,
    names_account,
    role_of,
    subjects_of,
)
from aiops.core.entity import Entity, Manifest

LOST = 0.9
"""Strength of blaming an object whose earlier version granted what is refused now."""

NAMED_VERBS = ("get", "update", "patch", "delete")
"""Verbs for which a rule can name its objects."""

FIELDS = {"Role": "rules", "RoleBinding": "subjects"}
"""The field of each kind that decides who may do what."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """An object that may lack the right. `field` is empty where the object is gone; `strength` in 0..1 says how sure
    the blame is; `lost` whether an earlier version of the object granted the right."""

    entity: Entity
    field: str
    strength: float
    lost: bool = False


def is_allowed(objects: Iterable[Manifest], account: Entity, wanted: Request) -> bool:
    """May a service account make a call, by these roles and bindings?"""
    user = account_user(account.namespace, account.name)
    return allowed(objects, user, wanted.verb, wanted.resource, wanted.group, wanted.namespace, wanted.name)


def culprits(
    objects: Sequence[Manifest], earlier: Mapping[Entity, Manifest], account: Entity, wanted: Request
) -> list[Suspect]:
    """The objects of which the earlier version, put back alone, allows what is refused now.

    `objects` are the Roles and RoleBindings of now, with their kinds; `earlier` those that were changed or deleted, as
    they were before. Empty where the call is allowed now.
    """
    if is_allowed(objects, account, wanted):
        return []
    live = {Entity.of(item) for item in objects}
    return [
        Suspect(entity, FIELDS.get(entity.kind, "") if entity in live else "", LOST, lost=True)
        for entity, version in sorted(earlier.items(), key=lambda pair: str(pair[0]))
        if is_allowed(with_version(objects, entity, version), account, wanted)
    ]


def with_version(objects: Iterable[Manifest], entity: Entity, version: Manifest) -> list[Manifest]:
    """The objects with one of them as it was in another version, or there again."""
    return [*(item for item in objects if Entity.of(item) != entity), {**version, "kind": entity.kind}]


def suspects(objects: Iterable[Manifest], account: Entity, wanted: Request) -> list[Suspect]:
    """Roles and RoleBindings of the request's namespace to blame for a denial by what they are now, likeliest first.

    `objects` are Roles, RoleBindings and ServiceAccounts, with their kinds. Empty where nothing tells.
    """
    everything = list(objects)
    roles = {Entity.of(item): item for item in everything if item.get("kind") == "Role"}
    bindings = [item for item in everything if item.get("kind") == "RoleBinding"]
    here = sorted(
        (b for b in bindings if b["metadata"].get("namespace", "") == wanted.namespace), key=lambda b: str(Entity.of(b))
    )
    found = list(_bound_roles([b for b in here if names_account(b, account)], roles, wanted))
    if not found:
        accounts = {Entity.of(item) for item in everything if item.get("kind") == "ServiceAccount"}
        found = list(_lost_bindings(here, roles, accounts, wanted))
    return sorted(found, key=lambda s: (-s.strength, str(s.entity)))


def grant(rules: Sequence[Manifest], wanted: Request) -> list[Manifest] | None:
    """The rules with exactly one call more; None where only a person may grant it."""
    if too_wide(rule_for(wanted)):
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
    return [*new, rule_for(wanted)]


def rule_for(wanted: Request) -> Manifest:
    """The narrowest rule of a role that allows one call."""
    rule: Manifest = {"apiGroups": [wanted.group], "resources": [wanted.resource], "verbs": [wanted.verb]}
    return rule | ({"resourceNames": [wanted.name]} if wanted.name and wanted.verb in NAMED_VERBS else {})


def _bound_roles(own: Sequence[Manifest], roles: Mapping[Entity, Manifest], wanted: Request) -> Iterator[Suspect]:
    """Roles bound to the account that lack the right."""
    for binding in own:
        entity = role_of(binding)
        role = roles.get(entity)
        if entity.kind != "Role":
            continue
        if role is None:
            yield Suspect(entity, "", 0.9)
            continue
        near = any(_same_resource(rule, wanted) for rule in role.get("rules") or ())
        yield Suspect(entity, "rules", 0.85 if near else 0.7)


def _lost_bindings(
    here: Sequence[Manifest], roles: Mapping[Entity, Manifest], accounts: set[Entity], wanted: Request
) -> Iterator[Suspect]:
    """Bindings that grant the right, but not to the account: those that name an account which does not exist, or
    nobody, were likelier meant for it."""
    for binding in here:
        rules = (roles.get(role_of(binding)) or {}).get("rules") or []
        if not any(covers(rule, wanted) for rule in rules):
            continue
        named = [subject for subject in subjects_of(binding) if subject.kind == "ServiceAccount"]
        stray = bool(accounts) and any(account_entity(subject) not in accounts for subject in named)
        strength = 0.85 if stray else 0.5 if binding.get("subjects") else 0.8
        yield Suspect(Entity.of(binding), "subjects", strength)


def _same_resource(rule: Manifest, wanted: Request) -> bool:
    return wanted.group in (rule.get("apiGroups") or ()) and wanted.resource in (rule.get("resources") or ())
