"""The one place from which the cluster is changed: prepare, apply exactly once, undo."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from aiops.core.action import Action, Applied, CreateEdit, DeleteEdit, Edit, Journal, PatchEdit, Proposal
from aiops.core.entity import Entity, Manifest
from aiops.core.errors import (
    ActionRefusedError,
    ConflictError,
    NotPossibleError,
    RetryWithOtherArgumentsError,
    ServiceError,
)
from aiops.core.fields import desired, differences
from aiops.core.redaction import REDACTED
from aiops.tools.kit.context import Context
from aiops.tools.kit.differ import unified
from aiops.tools.kit.edits import MOST_TRIES, attempt, check_access, find, is_made, make
from aiops.tools.kit.patches import diff_patch, three_way_undo
from aiops.tools.kit.planning import changing_tool, check_same_plan, plan

REFUSED_BY_SERVER = (400, 422)


def undo_id(action_id: str) -> str:
    """The id under which taking back an action is journaled and marked."""
    return f"{action_id}-undo"


async def prepare(ctx: Context, proposal: Proposal, action_id: str) -> Action:
    """Work out what a proposal would do and check it against the cluster; nothing is written.

    Raises `ActionRefusedError` (read-only, or a target out of bounds), `DeniedError` (a right is missing),
    `RetryWithOtherArgumentsError` (arguments that the cluster refuses), `NotPossibleError` (nothing would change).
    """
    tool, risk = changing_tool(proposal.tool)
    _check_may_write(ctx, [proposal.target])
    edits = await plan(ctx, proposal)
    targets = [edit.target for edit in edits]
    _check_targets(proposal, targets)
    _check_may_write(ctx, targets)
    for edit in edits:
        await check_access(ctx.kube, edit)
    diff = await preview(ctx, edits)
    if REDACTED in json.dumps([edit.model_dump(mode="json") for edit in edits]):
        raise ActionRefusedError(f"{tool.name} would write {REDACTED!r} in the place of a value that was never shown")
    if not diff:
        raise NotPossibleError(f"{tool.name} would change nothing: {proposal.target} is like that already")
    return Action(id=action_id, proposal=proposal, risk=risk, edits=tuple(edits), diff=diff)


async def preview(ctx: Context, edits: Sequence[Edit]) -> str:
    """The diff that edits would make now, by dry runs on the server. Raises as `prepare` does."""
    return "".join([await _preview(ctx, edit) for edit in edits])


async def apply(ctx: Context, action: Action, journal: Journal) -> tuple[Applied, ...]:
    """Make the action's edits, each exactly once, however often this is called and wherever it was cut off.

    Raises `ConflictError` where somebody else has changed an object since the action was prepared, so that it would
    do something else than its diff shows, or its tool would refuse it or plan it otherwise by now. Where a first edit
    is made already, the action is not planned again: that edit would be in the way.
    """
    before = await _snapshot(ctx, action, journal)
    if not await made(ctx, action, journal):
        _check_may_write(ctx, [edit.target for edit in action.edits])
        await check_same_plan(ctx, action)
        await _check_as_shown(ctx, action)
    return await _carry_out(ctx, action, journal, before)


async def made(ctx: Context, action: Action, journal: Journal) -> tuple[Entity, ...]:
    """The objects that an action has changed already: none before it is begun, some where it was cut off."""
    before = await journal.intended(action.id)
    if before is None:
        return ()
    if await journal.applied(action.id) is not None:
        return tuple(edit.target for edit in action.edits)
    pairs = zip(action.edits, before, strict=True)
    return tuple([e.target for e, old in pairs if is_made(e, old, await find(ctx.kube, e.target), action.id)])


async def undo(ctx: Context, action: Action, journal: Journal) -> tuple[Applied, ...]:
    """Put back the fields that an action changed, and only those, exactly once.

    Raises `ConflictError` naming a field that somebody else has changed since, `NotPossibleError` where the action
    was never begun.
    """
    identity = undo_id(action.id)
    done = await journal.applied(identity)
    if done is not None:
        return done
    made = await _made(ctx, action, journal)
    targets = [one.edit.target for one in reversed(made)]
    before = await journal.intended(identity)
    if before is None:
        before = tuple([await find(ctx.kube, target) for target in targets])
    pairs = zip(reversed(made), before, strict=True)
    steps = [(edit, live) for one, live in pairs if (edit := _inverse(one, live)) is not None]
    reverse = action.model_copy(update={"id": identity, "edits": tuple(edit for edit, _ in steps), "diff": ""})
    return await _carry_out(ctx, reverse, journal, tuple(live for _, live in steps), recorded=before)


async def _carry_out(
    ctx: Context,
    action: Action,
    journal: Journal,
    before: tuple[Manifest | None, ...],
    recorded: tuple[Manifest | None, ...] | None = None,
) -> tuple[Applied, ...]:
    """Journal the intent, make what is not made yet, journal the outcome. `recorded` is what the intent holds."""
    done = await journal.applied(action.id)
    if done is not None:
        return done
    _check_may_write(ctx, [edit.target for edit in action.edits])
    await journal.intend(action, before if recorded is None else recorded)
    applied = []
    for edit, old in zip(action.edits, before, strict=True):
        after = await make(ctx.kube, edit, old, action.id)
        applied.append(Applied(edit=edit, before=old, after=after))
    await journal.record(action.id, tuple(applied))
    return tuple(applied)


async def _snapshot(ctx: Context, action: Action, journal: Journal) -> tuple[Manifest | None, ...]:
    """The objects before the action: as journaled, or as they are now."""
    before = await journal.intended(action.id)
    if before is not None:
        return before
    return tuple([await find(ctx.kube, edit.target) for edit in action.edits])


async def _made(ctx: Context, action: Action, journal: Journal) -> tuple[Applied, ...]:
    """What the action has changed: as journaled, or as its marks tell where it was cut off.

    The marks are journaled before they are written over, so that an undo that is cut off finds the same again."""
    applied = await journal.applied(action.id)
    if applied is not None:
        return applied
    before = await journal.intended(action.id)
    if before is None:
        raise NotPossibleError(f"action {action.id} was never begun, so there is nothing to take back")
    made = []
    for edit, old in zip(action.edits, before, strict=True):
        live = await find(ctx.kube, edit.target)
        if is_made(edit, old, live, action.id):
            made.append(Applied(edit=edit, before=old, after=live))
    await journal.record(action.id, tuple(made))
    return tuple(made)


def _inverse(one: Applied, live: Manifest | None) -> Edit | None:
    """The edit that takes one back; None where that has happened already."""
    target = one.edit.target
    if one.before is None:
        return _removal(target, one.after, live)
    if one.after is None:
        return CreateEdit(target=target, manifest=desired(one.before)) if live is None else None
    if live is None:
        raise ConflictError(f"{target} was deleted by somebody else, so its change cannot be taken back")
    now = desired(live)
    try:
        wanted = three_way_undo(desired(one.before), desired(one.after), now)
    except ConflictError as error:
        raise ConflictError(f"{target}: {error}") from error
    patch: dict[str, Any] = diff_patch(now, wanted)
    return PatchEdit(target=target, patch_type="merge", body=patch) if patch else None


def _removal(target: Entity, made: Manifest | None, live: Manifest | None) -> Edit | None:
    """Delete what was created, as it was created: what others have put into it since would go with it."""
    if live is None or made is None or _uid(live) != _uid(made):
        return None
    if changed := next(differences(desired(made), desired(live)), None):
        raise ConflictError(f"{target}: {changed.path} was changed by somebody else since; it is left as it is")
    return DeleteEdit(target=target)


def _uid(manifest: Manifest) -> str:
    return str(manifest["metadata"].get("uid", ""))


def _check_may_write(ctx: Context, targets: Sequence[Entity]) -> None:
    if ctx.read_only:
        raise ActionRefusedError("the assistant is read-only (read_only): it changes nothing")
    for target in targets:
        if not ctx.may_change(target.namespace):
            allowed = ", ".join(ctx.namespaces)
            more = "" if target.namespace else "; what belongs to none of them needs the setting cluster_changes"
            raise ActionRefusedError(f"{target} is outside the namespaces that may be changed: {allowed}{more}")


def _check_targets(proposal: Proposal, targets: Sequence[Entity]) -> None:
    """What was proposed, judged and shown is what is changed; no object twice, since each carries one mark."""
    if len(set(targets)) < len(targets):
        raise ActionRefusedError(f"{proposal.tool} would edit one object twice")
    if proposal.target not in targets:
        names = ", ".join(map(str, targets)) or "nothing"
        raise ActionRefusedError(f"the proposal names {proposal.target} but would change {names}")


async def _check_as_shown(ctx: Context, action: Action) -> None:
    """A patch was worked out for the object as it was read: on another one it could take away what others wrote."""
    try:
        same = _changed_lines(await preview(ctx, action.edits)) == _changed_lines(action.diff)
    except ConflictError:
        same = False
    if not same:
        raise ConflictError(f"{action.proposal.target} was changed by somebody else since this was proposed")


def _changed_lines(diff: str) -> list[str]:
    """The lines of a diff that come or go, without those around them: others may change those."""
    return [line for line in diff.splitlines() if line.startswith(("+", "-"))]


async def _preview(ctx: Context, edit: Edit) -> str:
    """The diff of one edit by a dry run on the server, with its admission checks."""
    for _ in range(MOST_TRIES):
        live = await find(ctx.kube, edit.target)
        try:
            return unified(edit.target, live, await attempt(ctx.kube, edit, live))
        except ConflictError:
            if isinstance(edit, CreateEdit):
                raise
            continue  # a status was written between the read and the dry run
        except ServiceError as error:
            if error.status in REFUSED_BY_SERVER:
                raise RetryWithOtherArgumentsError(str(error)) from error
            raise
    raise ConflictError(f"{edit.target} changes too often to be tried ({MOST_TRIES} tries)")
