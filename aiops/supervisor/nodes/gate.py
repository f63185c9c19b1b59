"""Wait for a person's answer."""

from __future__ import annotations

from langgraph.types import interrupt

from aiops.core.incident import EventKind, State
from aiops.supervisor.approval import Decision
from aiops.supervisor.services import Services
from aiops.supervisor.state import GraphState


async def gate(services: Services, state: GraphState) -> GraphState:
    """Stop until the approval is answered. The answer is read from the database, where it was stored first."""
    interrupt({"approval": state["approval"]})
    approval = services.store.approval(state["approval"])
    approved = approval.decision is Decision.APPROVED
    reason = f": {approval.reason}" if approval.reason else ""
    services.store.add_event(
        approval.incident,
        EventKind.DECISION,
        approval.actor,
        f"{approval.decision}{reason}",
        {"approval": approval.id, "decision": approval.decision},
        key=f"{approval.id}-answer",
    )
    if approved:
        return {"approved": True}
    services.store.transition(approval.incident, State.DIAGNOSING, approval.actor, "denied; looking for another way")
    return {"approved": False, "tried": [*state["tried"], approval.action.proposal], "action": None}
