"""Undoes exactly what was changed: the first choice where the change history knows the value before."""

from __future__ import annotations

import re
from typing import Any

from aiops.agents.remedies.kit.new_keys import who_reads_what_is_new
from aiops.agents.remedies.kit.registry import RemedyCase
from aiops.agents.remedies.kit.undo_calls import ToolCall, call_for, call_for_parts
from aiops.analysis.changes.mechanisms import mechanism_of, mechanism_of_object
from aiops.analysis.changes.suspicion import SLACK
from aiops.analysis.rootcause.from_evidence.witnesses import overlap
from aiops.analysis.state.effective import shaped_by
from aiops.core.action import Proposal
from aiops.core.changes import Change, FieldChange
from aiops.core.entity import Entity
from aiops.core.evidence import Source
from aiops.core.mechanism import Mechanism
from aiops.core.redaction import REDACTED
from aiops.tools.kit.registry import Tool
from aiops.tools.kit.restorable import may_restore
from aiops.tools.recreate_object import KINDS as RECREATED
from aiops.tools.recreate_object import recreate_object
from aiops.tools.remove_created import KINDS as REMOVED
from aiops.tools.remove_created import remove_created
from aiops.tools.restore_fields import restore_fields
from aiops.tools.rollout_undo import rollout_undo

WHOLE_KINDS = (
    "HorizontalPodAutoscaler",
    "LimitRange",
    "MutatingWebhookConfiguration",
    "PodDisruptionBudget",
    "ResourceQuota",
    "ValidatingWebhookConfiguration",
)
"""Small objects all of whose settings are about one thing."""

AS_PODS_ARE_MADE = frozenset({Mechanism.RESOURCE_LIMIT_RANGE, Mechanism.RESOURCE_MUTATED})
"""What acts on pods when they are made, and never again."""

MOST_RESTARTS = 20
_PART = re.compile(
    r".*?\.(resources|securityContext|affinity|strategy|updateStrategy|behavior|(readiness|liveness|startup)Probe)(?=[.\[])"
    r"|spec\.hard(?=[.\[])|.*?\.volumes\[[^\]]+\](?=[.\[])"
)
"""Parts of an object whose fields belong together."""

_MOUNTED = re.compile(r"\.(volumes|volumeMounts|volumeDevices)\b")
"""Volumes and where containers mount them: neither can be without the other."""


def undo_changes(case: RemedyCase) -> list[Proposal]:
    """Proposals that undo the change of the field at fault, the exact field first, then the whole revision.

    None for rights: what is given back there, and to whom, is for their own remedy to say."""
    blamed = _blamed(case) if case.cause.mechanism is not Mechanism.AUTH_RBAC_DENIED else None
    if blamed is None:
        return []
    found = []
    for change, fields in who_reads_what_is_new(case, *blamed) or [blamed]:
        calls = _with_restarts(case, _calls(case, change, fields))
        found += [_proposal(case, change, fields, tool, arguments) for tool, arguments in calls]
    return found


def _with_restarts(case: RemedyCase, calls: list[ToolCall]) -> list[ToolCall]:
    """Pods keep what they were given when they were made, so they have to be made again."""
    if case.cause.mechanism not in AS_PODS_ARE_MADE or not isinstance(case.cause.subject, Entity):
        return calls
    shaped = [str(workload) for workload in shaped_by(case.state, case.cause.subject)][:MOST_RESTARTS]
    more = {"restart": shaped} if shaped else {}
    return [(tool, arguments | (more if tool in (restore_fields, remove_created) else {})) for tool, arguments in calls]


def _blamed(case: RemedyCase) -> tuple[Change, list[FieldChange]] | None:
    """The last change of the field before the trouble. One that came later may be somebody's repair, and undoing it
    would bring the trouble back; it counts only where there is no earlier one."""
    found = [
        (change, _together(case, change, fields))
        for change in case.changes
        if change.entity == case.cause.subject
        if (fields := _fields(case, change)) or _is_whole(case, change)
    ]
    before = [pair for pair in found if pair[0].at <= case.onset + SLACK]
    return next(iter(before or found), None)


def _together(case: RemedyCase, change: Change, fields: list[FieldChange]) -> list[FieldChange]:
    """The fields at fault, with those that were changed with them to the same end: a probe's port and its times. What
    the cluster gives by itself, such as an address, keeps nothing of them from being put back."""
    kind = change.entity.kind
    same = [f for f in change.fields if f not in fields and mechanism_of(change, f) == case.cause.mechanism]
    if all(may_restore(kind, f.path) for f in fields):
        same = [f for f in same if may_restore(kind, f.path)]
    return [*fields, *same] if fields else []


def _begun(case: RemedyCase) -> float:
    """When the trouble began at the latest: where nobody feels it, objects tell that better than a guessed onset."""
    told = [item.onset for item in case.cited if item.source is Source.KUBERNETES and item.onset is not None]
    return max([case.onset, *told])


def _is_whole(case: RemedyCase, change: Change) -> bool:
    """Is the object at fault because it was deleted, or because it was created?"""
    if change.verb == "created":
        return change.entity.kind in REMOVED and change.at <= _begun(case) + SLACK
    return change.verb == "deleted" and mechanism_of_object(change) == case.cause.mechanism


def _fields(case: RemedyCase, change: Change) -> list[FieldChange]:
    """The fields at fault. Another type of Service comes with other fields beside it: one is nothing without the
    others; so is a policy's part."""
    fields = [field for field in change.fields if _is_blamed(case, change, field)]
    kind = change.entity.kind
    together = kind == "NetworkPolicy" or (kind == "Service" and any(f.path == "spec.type" for f in change.fields))
    if not together or not (fields or kind == "NetworkPolicy"):
        return fields
    return [field for field in change.fields if may_restore(kind, field.path) or kind == "NetworkPolicy"]


def _is_blamed(case: RemedyCase, change: Change, field: FieldChange) -> bool:
    if case.cause.field is not None:
        return overlap(field.path, case.cause.field)
    return mechanism_of(change, field) == case.cause.mechanism


def _calls(case: RemedyCase, change: Change, fields: list[FieldChange]) -> list[ToolCall]:
    """The tool calls that put these fields of one object back, the most exact first."""
    entity = change.entity
    live = case.state.find(entity.kind, entity.namespace, entity.name)
    if change.verb == "deleted":
        known = live is None and entity.kind in RECREATED
        return [(recreate_object, {"entity": entity, "deleted_at": change.at})] if known else []
    if change.verb == "created":
        return (
            [(remove_created, {"entity": entity, "created_at": change.at})] if live and entity.kind in REMOVED else []
        )
    whole = call_for_parts(entity, list(change.fields), live)
    together = list(change.fields) if fields and entity.kind in WHOLE_KINDS else _of_one_part(change, fields)
    calls = [whole] if whole else [call for field in fields if (call := call_for(entity, field, live)) is not None]
    if not whole and (len(together) > 1 or not calls):
        calls = _restored(change, together) or calls
    if len(together) < len(change.fields):
        calls += _restored(change, list(change.fields))
    if entity.kind == "Deployment" and _is_latest_revision(case, change) and case.state.templates(entity):
        calls.append((rollout_undo, {"workload": entity}))
    return calls


def _of_one_part(change: Change, fields: list[FieldChange]) -> list[FieldChange]:
    """The fields with those that the same change wrote to the same part of the object: one makes no sense without the
    other."""
    parts = {found[0] for field in fields if (found := _PART.match(field.path))}
    mounted = any(_MOUNTED.search(field.path) for field in fields)
    return [
        field
        for field in change.fields
        if field in fields
        or any(overlap(part, field.path) for part in parts)
        or (mounted and _MOUNTED.search(field.path))
    ]


def _restored(change: Change, fields: list[FieldChange]) -> list[ToolCall]:
    """All of these fields at once, where the history may put each of them back."""
    paths = [field.path for field in fields]
    hidden = any(field.old == REDACTED for field in fields)
    if not paths or hidden or not all(may_restore(change.entity.kind, path) for path in paths):
        return []
    return [(restore_fields, {"entity": change.entity, "changed_at": change.at, "paths": paths})]


def _is_latest_revision(case: RemedyCase, change: Change) -> bool:
    """Did this change make the revision that runs now? Rolling back a later one would leave this change in place."""
    revisions = [one for one in case.changes if one.entity == change.entity and _changes_template(one)]
    return revisions[:1] == [change]


def _changes_template(change: Change) -> bool:
    return any(field.path.startswith("spec.template.") for field in change.fields)


def _proposal(
    case: RemedyCase, change: Change, fields: list[FieldChange], tool: Tool[..., Any], arguments: dict[str, Any]
) -> Proposal:
    who = f" by {change.actor}" if change.actor else ""
    paths = ", ".join(field.path for field in fields[:3])
    what = f"{paths} was changed" if fields else f"it was {change.verb}"
    reason = f"{change.entity} worked until {what}{who}."
    effect = f"{change.entity} is as it was before that change."
    return case.propose(tool, change.entity, reason, effect, **arguments)
