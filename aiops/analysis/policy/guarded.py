"""What of roles and bindings only people may grant, and rights in words that a person can approve."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from aiops.analysis.policy.grantable import GRANTABLE, REVIEWS
from aiops.analysis.policy.rbac import ANY, RbacSubject, Request, account_entity, covers, role_of, subjects_of
from aiops.core.entity import Entity, Manifest

PATHS = (
    "/.well-known/openid-configuration",
    "/api",
    "/apis",
    "/healthz",
    "/livez",
    "/openapi",
    "/openid/v1/jwks",
    "/readyz",
    "/version",
)
"""Paths of the API server, with those below, that everybody may read: discovery, health, public keys."""


def too_wide(rule: Manifest) -> str:
    """What of a role's rule must not be granted by a machine; empty where nothing is."""
    for part in ("apiGroups", "resources", "verbs"):
        if any(ANY in value for value in rule.get(part) or ()):
            return f"a wildcard in {part}"
    if not _are_everybodys(rule.get("nonResourceURLs") or (), rule.get("verbs") or ()):
        return "a path of the API server"
    asked = (one for one in _requests(rule) if not _is_harmless(one))
    return next((f"the right to {one.verb} {_named(one)}" for one in asked), "")


def is_everybodys(rule: Manifest) -> bool:
    """Does a rule give no more than what Kubernetes gives to everybody who signs in?"""
    if any((one.group, one.resource) not in REVIEWS or one.verb != "create" for one in _requests(rule)):
        return False
    return _are_everybodys(rule.get("nonResourceURLs") or (), rule.get("verbs") or ())


def _is_harmless(asked: Request) -> bool:
    what = (asked.group, asked.resource)
    return (*what, asked.verb) in GRANTABLE or (asked.verb == "create" and what in REVIEWS)


def _are_everybodys(paths: Iterable[str], verbs: Collection[str]) -> bool:
    wanted = [path.removesuffix("*").rstrip("/") for path in paths]
    known = all(any(path == one or path.startswith(f"{one}/") for one in PATHS) for path in wanted)
    return not wanted or (known and set(verbs) <= {"get"})


def _named(asked: Request) -> str:
    return f"{asked.resource}.{asked.group}" if asked.group else asked.resource


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
