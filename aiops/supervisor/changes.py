"""How the timeline tells of changes: made, and undone by the assistant or by a person."""

from __future__ import annotations

from pydantic import JsonValue

from aiops.core.action import Action
from aiops.core.incident import EventKind
from aiops.supervisor.store import Store

SUPERVISOR = "supervisor"


def tell_made(store: Store, incident_id: str, action: Action) -> None:
    """Say that `action` was made, once."""
    _tell(store, incident_id, action, SUPERVISOR, f"made {_what(action)}", undone=False)


def tell_undone(store: Store, incident_id: str, action: Action, actor: str = SUPERVISOR, reason: str = "") -> None:
    """Say that `action` was undone and by whom, once."""
    told = f"undid {_what(action)}"
    _tell(store, incident_id, action, actor, f"{told}: {reason}" if reason else told, undone=True)


def _what(action: Action) -> str:
    return f"{action.proposal.tool} on {action.proposal.target}"


def _tell(store: Store, incident_id: str, action: Action, actor: str, text: str, *, undone: bool) -> None:
    """`diff` is that of the action as it was made, also where it was undone."""
    data: dict[str, JsonValue] = {
        "action": action.id,
        "tool": action.proposal.tool,
        "arguments": action.proposal.arguments,
        "target": str(action.proposal.target),
        "diff": action.diff,
        "undone": undone,
    }
    key = f"{action.id}-{'undone' if undone else 'made'}"
    store.add_event(incident_id, EventKind.CHANGE, actor, text, data, key=key)
