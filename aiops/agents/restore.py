"""Puts back exactly the field that was changed: the first choice where the change history knows the value before."""

from __future__ import annotations

import re
from typing import Any

from aiops.agents.remedies.env_value import VARIABLE
from aiops.agents.remedies.image import container_in
from aiops.agents.remedies.registry import RemedyCase
from aiops.analysis.changes.mechanisms import mechanism_of
from aiops.analysis.changes.suspicion import SLACK
from aiops.analysis.rootcause.fusion import overlap
from aiops.core.action import Proposal
from aiops.core.changes import Change, FieldChange
from aiops.core.entity import Entity
from aiops.core.fields import write
from aiops.tools.edit_network_policy import edit_network_policy
from aiops.tools.patch_service import PATH as SERVICE_FIELD
from aiops.tools.patch_service import patch_service
from aiops.tools.redaction import REDACTED
from aiops.tools.registry import Tool
from aiops.tools.rollout_undo import rollout_undo
from aiops.tools.scale import scale
from aiops.tools.set_env import set_env
from aiops.tools.set_image import set_image
from aiops.tools.set_resources import set_resources

_RESOURCES = re.compile(r"\.resources\.(?P<part>limits|requests)\.(?P<resource>cpu|memory)$")

Call = tuple[Tool[..., Any], dict[str, Any]]


def restorations(case: RemedyCase) -> list[Proposal]:
    """Proposals that undo the change of the field at fault, the exact field first, then the whole revision."""
    blamed = _blamed(case)
    if blamed is None:
        return []
    change, fields = blamed
    return [_proposal(case, change, fields, tool, arguments) for tool, arguments in _calls(case, change, fields)]


def _blamed(case: RemedyCase) -> tuple[Change, list[FieldChange]] | None:
    """The last change of the field before the trouble. One that came later may be somebody's repair, and undoing it
    would bring the trouble back; it counts only where there is no earlier one."""
    found = [
        (change, fields)
        for change in case.changes
        if change.entity == case.cause.subject and change.verb == "updated"
        if (fields := [field for field in change.fields if _is_blamed(case, change, field)])
    ]
    before = [pair for pair in found if pair[0].at <= case.onset + SLACK]
    return next(iter(before or found), None)


def _is_blamed(case: RemedyCase, change: Change, field: FieldChange) -> bool:
    if case.cause.field is not None:
        return overlap(field.path, case.cause.field)
    return mechanism_of(change, field) == case.cause.mechanism


def _calls(case: RemedyCase, change: Change, fields: list[FieldChange]) -> list[Call]:
    """The tool calls that put these fields of one object back."""
    if not fields:
        return []
    if change.entity.kind == "NetworkPolicy":
        return _policy(case, change)
    calls = [call for field in fields if (call := _field(change.entity, field)) is not None]
    if change.entity.kind == "Deployment" and _is_latest_revision(case, change) and case.state.templates(change.entity):
        calls.append((rollout_undo, {"workload": change.entity}))
    return calls


def _is_latest_revision(case: RemedyCase, change: Change) -> bool:
    """Did this change make the revision that runs now? Rolling back a later one would leave this change in place."""
    revisions = [one for one in case.changes if one.entity == change.entity and _changes_template(one)]
    return revisions[:1] == [change]


def _changes_template(change: Change) -> bool:
    return any(field.path.startswith("spec.template.") for field in change.fields)


def _field(entity: Entity, field: FieldChange) -> Call | None:
    """The call that puts one field back, where there is a tool for it."""
    path, old = field.path, field.old
    container = container_in(path)
    if old == REDACTED:
        return None
    if entity.kind == "Service" and SERVICE_FIELD.match(path) and (old is not None or ".selector" in path):
        return patch_service, {"service": entity, "path": path, "value": old}
    if path == "spec.replicas" and isinstance(old, int):
        return scale, {"workload": entity, "replicas": old}
    if container is None:
        return None
    if path.endswith(".image") and isinstance(old, str):
        return set_image, {"workload": entity, "container": container, "image": old}
    variable = VARIABLE.search(path)
    if variable is not None and isinstance(old, str):
        return set_env, {"workload": entity, "container": container, "name": variable["name"], "value": old}
    resource = _RESOURCES.search(path)
    if resource is not None and old is not None:
        return set_resources, {
            "workload": entity,
            "container": container,
            resource["part"]: {resource["resource"]: str(old)},
        }
    return None


def _policy(case: RemedyCase, change: Change) -> list[Call]:
    """The spec with every field of it back that this change touched."""
    entity = change.entity
    manifest = case.state.find(entity.kind, entity.namespace, entity.name)
    if manifest is None:
        return []
    restored: dict[str, Any] = {"spec": manifest["spec"]}
    try:
        for field in reversed([f for f in change.fields if f.path.startswith("spec")]):
            restored = write(restored, field.path, field.old)
    except KeyError:
        return []  # somebody changed the list since: what was there before cannot be put back piece by piece
    spec = restored.get("spec")
    return [(edit_network_policy, {"policy": entity, "spec": spec})] if spec and spec != manifest["spec"] else []


def _proposal(
    case: RemedyCase, change: Change, fields: list[FieldChange], tool: Tool[..., Any], arguments: dict[str, Any]
) -> Proposal:
    who = f" by {change.actor}" if change.actor else ""
    paths = ", ".join(field.path for field in fields[:3])
    reason = f"{change.entity} worked until {paths} was changed{who}."
    effect = f"{change.entity} is as it was before that change."
    return case.propose(tool, change.entity, reason, effect, **arguments)
