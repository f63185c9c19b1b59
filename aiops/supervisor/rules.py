"""The rules that a change must pass at the moment it is made. Each refusal names its rule."""

from __future__ import annotations

from aiops.core.action import Action
from aiops.core.errors import ActionRefusedError
from aiops.core.settings import Settings
from aiops.supervisor.journal import Writers
from aiops.supervisor.store import Store

HOUR = 3600.0


def check(action: Action, settings: Settings, store: Store, writers: Writers, now: float) -> None:
    """Raise `ActionRefusedError` where a rule forbids to make `action` now."""
    if settings.read_only:
        raise ActionRefusedError("read-only: read_only is true (the default)")
    if settings.autonomy != "approve":
        raise ActionRefusedError(f"autonomy is {settings.autonomy!r}: changes are only proposed")
    check_switch(store)
    namespace = action.proposal.target.namespace
    made = writers.changes_since(namespace, now - HOUR, other_than=action.id)
    if made >= settings.max_actions_per_hour:
        raise ActionRefusedError(
            f"limit: {made} changes to namespace {namespace!r} within an hour, {settings.max_actions_per_hour} allowed"
        )


def check_switch(store: Store) -> None:
    """Raise `ActionRefusedError` where a person stopped all changes, undoing among them."""
    if actor := store.changes_stopped_by():
        raise ActionRefusedError(f"kill switch: {actor} stopped all changes")
