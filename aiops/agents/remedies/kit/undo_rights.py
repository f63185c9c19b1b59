"""Undoes the recorded change of a Role or RoleBinding that took a right from an account."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from aiops.agents.remedies.kit.refusals import Refusal, because, recent
from aiops.agents.remedies.kit.registry import RemedyCase
from aiops.agents.remedies.kit.undo_calls import call_for_parts
from aiops.analysis.policy.guarded import gained, in_words, refused, refused_subjects
from aiops.analysis.policy.rbac import account_entity, role_of, subjects_of
from aiops.analysis.policy.rbac_repair import FIELDS, culprits, grant, is_allowed, with_version
from aiops.core.action import Proposal
from aiops.core.changes import Change
from aiops.core.entity import Entity, Manifest
from aiops.core.fields import desired, differences
from aiops.tools.edit_role import edit_role
from aiops.tools.edit_role_binding import edit_role_binding
from aiops.tools.object_before import object_before
from aiops.tools.recreate_grant import recreate_grant


async def undo_rights(case: RemedyCase, subject: Entity, refusal: Refusal) -> list[Proposal]:
    """The Role or RoleBinding as it was before the change that took the right; where that would give what people alone
    give, the one refused call. Nothing where that may not be given either."""
    for change in recent(case, subject):
        past = await case.tools.read(object_before, subject, change.at)
        version = past.manifest if past else None
        if version is None:
            continue
        if culprits(_objects(case, subject), {subject: version}, refusal.account, refusal.request):
            return _proposals(case, change, {**version, "kind": subject.kind}, refusal)
    return []


def _proposals(case: RemedyCase, change: Change, version: Manifest, refusal: Refusal) -> list[Proposal]:
    subject, field = change.entity, FIELDS[change.entity.kind]
    live = case.state.find(subject.kind, subject.namespace, subject.name)
    now = live if live is not None else {**version, field: []}
    reason = because(subject, change, refusal)
    for value in _values(case, change, version, live, refusal):
        after = {**now, field: value}
        allows = is_allowed(with_version(_objects(case, subject), subject, after), refusal.account, refusal.request)
        if not allows or _refused(case, now, after):
            continue
        effect = _effect(case, now, after)
        if live is None:
            arguments: dict[str, Any] = {"entity": subject, "deleted_at": change.at}
            return [case.propose(recreate_grant, subject, reason, effect, **arguments)]
        if subject.kind == "Role":
            return [case.propose(edit_role, subject, reason, effect, role=subject, rules=value)]
        return [case.propose(edit_role_binding, subject, reason, effect, binding=subject, subjects=value)]
    return []


def _values(
    case: RemedyCase, change: Change, version: Manifest, live: Manifest | None, refusal: Refusal
) -> Iterator[list[Any]]:
    """What the object may get: all that the change took, then only what was refused."""
    subject = change.entity
    if live is None:
        yield list(version.get(FIELDS[subject.kind]) or [])
        return
    whole = call_for_parts(subject, list(change.fields), live)
    if _stands(change, version, live):
        yield list(version.get(FIELDS[subject.kind]) or [])
    elif whole is not None:
        yield whole[1][FIELDS[subject.kind]]
    if subject.kind == "RoleBinding":
        mine = {"kind": "ServiceAccount", "namespace": refusal.account.namespace, "name": refusal.account.name}
        yield [*(live.get("subjects") or []), mine]
    elif {account_entity(s) for s in _bound(case, subject)} == {refusal.account}:
        one = grant(live.get("rules") or [], refusal.request)
        if one is not None:
            yield one


def _stands(change: Change, version: Manifest, live: Manifest) -> bool:
    """Is the change all that happened to the rights since the version before it?"""
    part = FIELDS[change.entity.kind]
    found = differences(desired(version).get(part), desired(live).get(part), part)
    return list(found) == [field for field in change.fields if field.path.startswith(part)]


def _refused(case: RemedyCase, now: Manifest, after: Manifest) -> str:
    """Why a person alone may make a Role or RoleBinding so; empty where a machine may propose it."""
    if after["kind"] == "Role":
        return refused(after["rules"], now.get("rules") or ())
    role = role_of(after)
    accounts = {Entity.of(item) for item in case.state.of("ServiceAccount", role.namespace)}
    found = case.state.find(role.kind, role.namespace, role.name)
    return refused_subjects(now, subjects_of(after), found, accounts)


def _effect(case: RemedyCase, now: Manifest, after: Manifest) -> str:
    """Everything that everybody gets and loses."""
    if after["kind"] == "Role":
        rules = now.get("rules") or []
        gets, loses = gained(after["rules"], rules), gained(rules, after["rules"])
        whom = ", ".join(map(str, _bound(case, Entity.of(after)))) or "nobody"
        text = f"The role, which is bound to {whom}, allows besides: {in_words(gets)}."
        return f"{text} It allows no longer: {in_words(loses)}." if loses else text
    role = role_of(after)
    rights: Sequence[Manifest] = (case.state.find(role.kind, role.namespace, role.name) or {}).get("rules") or []
    new = [str(s) for s in subjects_of(after) if s not in subjects_of(now)]
    gone = [str(s) for s in subjects_of(now) if s not in subjects_of(after)]
    text = f"All rights of {role} go to {', '.join(new)}: {in_words(rights)}."
    return f"{text} They are taken from {', '.join(gone)}." if gone else text


def _bound(case: RemedyCase, role: Entity) -> list[Any]:
    """Everybody who is bound to a Role."""
    bindings = [b for b in case.state.of("RoleBinding", role.namespace) if role_of(b) == role]
    return list(dict.fromkeys(subject for binding in bindings for subject in subjects_of(binding)))


def _objects(case: RemedyCase, subject: Entity) -> list[Manifest]:
    return [item for kind in FIELDS for item in case.state.of(kind, subject.namespace)]
