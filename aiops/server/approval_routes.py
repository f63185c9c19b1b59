"""Approvals: what waits for a person's decision, the decision, and undoing what was approved."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from aiops.server.requests import Actor, Reason, TheEngine
from aiops.supervisor.approval import Approval, Decision

router = APIRouter()


class DecisionRequest(BaseModel):
    """A person's decision on an approval; `digest` is the one that the approval was shown with."""

    model_config = ConfigDict(extra="forbid")

    decision: Literal["approved", "denied"]
    digest: str
    actor: Actor = "operator"
    reason: Reason = ""


class UndoRequest(BaseModel):
    """A person wants a change taken back."""

    model_config = ConfigDict(extra="forbid")

    actor: Actor = "operator"
    reason: Reason = ""


class Undone(BaseModel):
    """The action whose change is not there any more."""

    action: str
    undone: bool = True


@router.get("/api/approvals")
async def approvals(engine: TheEngine, decision: Decision | None = None) -> list[Approval]:
    """All approvals, or those with this decision."""
    return engine.store.approvals(decision=decision)


@router.post("/api/approvals/{approval_id}")
async def decide(engine: TheEngine, approval_id: str, body: DecisionRequest) -> Approval:
    """Approve or deny one action, once. 409: decided before, or the digest is that of another action."""
    return engine.decide(approval_id, body.digest, Decision(body.decision), body.actor, body.reason)


@router.post("/api/actions/{action_id}/undo")
async def undo(engine: TheEngine, action_id: str, body: UndoRequest) -> Undone:
    """Take back a change of an incident that has ended, once. 409: not possible now, and why."""
    action = await engine.undo(action_id, body.actor, body.reason)
    return Undone(action=action.id)
