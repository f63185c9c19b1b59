"""A variable to the key under which its value is to be found now."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from aiops.agents.remedies.kit.key_users import taken_keys
from aiops.agents.remedies.kit.registry import RemedyCase, remedy
from aiops.analysis.state.cluster import container_of, containers
from aiops.analysis.state.containers.key_references import key_references, keys_of
from aiops.core.action import Proposal
from aiops.core.changes import Change
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.tools.get_object import get_object
from aiops.tools.set_env_key import set_env_key

ALIKE = 0.5
"""Likeness (`difflib`) of two names of which one may be the other, renamed."""

DATA = re.compile(r"^data(?:\.(?P<plain>[^.\[\]]+)|\[(?P<dotted>[^\]]+)\])$")
"""The path of a key in a change."""

VERSION = re.compile(r"(?<=.)(v\d+|new|next|current)$")
"""What people put behind the name of a value that they rotate."""


@dataclass(frozen=True, slots=True)
class _User:
    """A variable that is taken from a key of the object at fault."""

    workload: Entity
    container: str
    variable: str
    key: str


@remedy(Mechanism.CONFIG_MISSING_KEY)
async def env_key(case: RemedyCase) -> list[Proposal]:
    """Take the variables from the key of the revision before, else from the one to which the missing one was renamed.

    The keys of a Secret may give very different rights (a user's password, the administrator's), so that one is taken
    for the other only where its name says the same, or one change took the old one and brought the new one. The names
    of a Secret's keys can be read only where somebody granted that; values are never shown."""
    config, field = case.cause.subject, case.cause.field or ""
    if not isinstance(config, Entity) or not field.startswith("data."):
        return []
    lost = field.removeprefix("data.")
    users = _users(case, config)
    keys = await _keys(case, config)
    renamed = new_name(lost, keys, await taken_keys(case, config, keys))
    if renamed is not None and config.kind == "Secret" and not _is_certain(case, config, lost, renamed):
        renamed = None
    found = []
    for user in users:
        earlier = _earlier_key(case, user, config)
        key, why = (earlier, "was taken before") if earlier else (renamed, "is there, and nobody takes it")
        if user.key == lost and key is not None:
            found.append(_proposal(case, user, key, f"{config} has no key {lost}; {key} {why}."))
    return found


def _proposal(case: RemedyCase, user: _User, key: str, reason: str) -> Proposal:
    effect = f"New pods of {user.workload} start."
    place = {"workload": user.workload, "container": user.container, "name": user.variable}
    return case.propose(set_env_key, user.workload, reason, effect, **place, key=key)


def _earlier_key(case: RemedyCase, user: _User, config: Entity) -> str | None:
    """The key that the revision before took the variable from, where it is another one."""
    for template in case.state.templates(user.workload)[:1]:
        for reference in key_references(container_of(template, user.container) or {}, config.namespace):
            if (reference.variable, reference.config) == (user.variable, config) and reference.key != user.key:
                return reference.key or None
    return None


def new_name(lost: str, keys: Sequence[str], taken: Collection[str]) -> str | None:
    """The key that `lost` most likely became: of those that nobody takes the only one like it."""
    if lost in keys:
        return None
    alike = get_close_matches(lost, [key for key in keys if key not in taken], n=2, cutoff=ALIKE)
    return alike[0] if len(alike) == 1 else None


def same_name(one: str, other: str) -> bool:
    """Are these one name in two spellings, or two versions of it?"""
    return _bare(one) == _bare(other)


def _bare(name: str) -> str:
    return VERSION.sub("", re.sub(r"[-._]", "", name.lower()))


def _is_certain(case: RemedyCase, secret: Entity, lost: str, key: str) -> bool:
    return same_name(lost, key) or any(
        _gone_and_come(change) == ([lost], [key]) for change in case.changes if change.entity == secret
    )


def _gone_and_come(change: Change) -> tuple[list[str], list[str]]:
    """The keys that a change took away and those that it brought."""
    keys = [(DATA.match(field.path), field) for field in change.fields]
    named = [(found["plain"] or found["dotted"], field) for found, field in keys if found]
    return [k for k, field in named if field.new is None], [k for k, field in named if field.old is None]


def _users(case: RemedyCase, config: Entity) -> list[_User]:
    return [
        _User(Entity.of(workload), container["name"], reference.variable, reference.key)
        for workload in case.state.workloads(config.namespace)
        for container in containers(workload)
        for reference in key_references(container, config.namespace)
        if reference.config == config and reference.key
    ]


async def _keys(case: RemedyCase, config: Entity) -> list[str]:
    found = case.state.find(config.kind, config.namespace, config.name)
    if found is None and config.kind == "Secret":
        result = await case.tools.read(get_object, config)
        found = result.manifest if result else None
    return keys_of(found or {})
