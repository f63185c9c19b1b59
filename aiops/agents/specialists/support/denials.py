"""What keeps a service account from what its logs say it was refused."""

from __future__ import annotations

from aiops.agents.scoping.cluster_objects import read_kind
from aiops.agents.toolbox import Toolbox
from aiops.analysis.logs.forbidden import Denial
from aiops.analysis.policy.rbac import BINDINGS, ROLES
from aiops.analysis.policy.rbac_repair import FIELDS, Suspect, culprits, is_allowed, rule_for, suspects
from aiops.analysis.state.cluster import service_account
from aiops.core.changes import Change
from aiops.core.entity import Entity, Manifest
from aiops.core.evidence import Hypothesis, Window
from aiops.core.mechanism import Mechanism
from aiops.tools.access_review import access_review
from aiops.tools.object_before import object_before
from aiops.tools.recent_changes import recent_changes

TOOLS = ("list_objects", "recent_changes", "object_before", "access_review")
"""The reading tools that following a denial takes."""

MOVED = 0.9
"""Strength of blaming a workload that was made to run as another account."""

UNKNOWN = 0.5
"""Strength of blaming the account itself where no role or binding can be named."""


async def blamed_for(denial: Denial, workload: Entity, window: Window, tools: Toolbox) -> tuple[Hypothesis, ...]:
    """What to blame for a denial that a workload's log tells of: what was changed in the window, else the roles and
    bindings that may lack the right, else the account itself.

    Empty where the line is no proof: the account is not the workload's own, or may make that call now. A hypothesis
    holds the rule that was lost (`wanted`) only where the change history shows that it was granted before.
    """
    account, request = denial.account, denial.request
    if account != await _account_of(workload, tools) or not await _is_refused(denial, tools):
        return ()
    if request.namespace != account.namespace:
        return (_hypothesis(account, UNKNOWN),)
    changes = await _changes(account.namespace, window, tools)
    moved = [change for change in changes if change.entity == workload and account_path(change)]
    if moved:
        return (_hypothesis(workload, MOVED, account_path(moved[0]), [rule_for(request)]),)
    objects = [item for kind in FIELDS for item in await read_kind(tools, kind, account.namespace)]
    lost = culprits(objects, await _earlier(changes, tools), account, request)
    if lost:
        return tuple(_of(suspect, denial) for suspect in lost)
    objects += await read_kind(tools, "ServiceAccount", account.namespace)
    return tuple(_of(suspect, denial) for suspect in suspects(objects, account, request)) or (
        _hypothesis(account, UNKNOWN),
    )


def account_path(change: Change) -> str | None:
    """The path of the field by which a change gave a workload another service account."""
    return next((field.path for field in change.fields if field.path.endswith(".serviceAccountName")), None)


async def _account_of(workload: Entity, tools: Toolbox) -> Entity | None:
    """The service account as which a workload's pods run."""
    for item in await read_kind(tools, workload.kind, workload.namespace):
        if Entity.of(item) == workload:
            return Entity(kind="ServiceAccount", namespace=workload.namespace, name=service_account(item))
    return None


async def _is_refused(denial: Denial, tools: Toolbox) -> bool:
    """Is the call refused now? The API server says; where it may not be asked, the roles and bindings that can be
    read."""
    account, request = denial.account, denial.request
    answer = await tools.read(
        access_review, account, request.verb, request.resource, request.group, request.namespace, request.name
    )
    if answer is not None:
        return not answer.allowed
    here: list[Manifest] = []
    for kind in (*ROLES, *BINDINGS):
        here += await read_kind(tools, kind, "" if kind.startswith("Cluster") else request.namespace)
    return not is_allowed(here, account, request)


async def _changes(namespace: str, window: Window, tools: Toolbox) -> list[Change]:
    """The changes of a namespace, the first one first."""
    result = await tools.read(recent_changes, window, namespace, 500)
    return sorted(result.changes if result else (), key=lambda change: (change.at, str(change.entity)))


async def _earlier(changes: list[Change], tools: Toolbox) -> dict[Entity, Manifest]:
    """Every Role and RoleBinding that was changed or deleted, as it was before the first of its changes."""
    first: dict[Entity, Change] = {}
    for change in changes:
        if change.entity.kind in FIELDS:
            first.setdefault(change.entity, change)
    found: dict[Entity, Manifest] = {}
    for entity, change in first.items():
        past = await tools.read(object_before, entity, change.at) if change.verb != "created" else None
        if past is not None and past.manifest is not None:
            found[entity] = past.manifest
    return found


def _of(suspect: Suspect, denial: Denial) -> Hypothesis:
    wanted = [rule_for(denial.request)] if suspect.lost else None
    return _hypothesis(suspect.entity, suspect.strength, suspect.field or None, wanted)


def _hypothesis(
    subject: Entity, strength: float, field: str | None = None, wanted: list[Manifest] | None = None
) -> Hypothesis:
    return Hypothesis(
        subject=subject, mechanism=Mechanism.AUTH_RBAC_DENIED, strength=strength, field=field, wanted=wanted
    )
