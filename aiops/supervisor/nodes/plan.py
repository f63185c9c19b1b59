"""Choose the next change to propose, and check it without making it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from aiops.agents.remedies import remediation
from aiops.core.action import Action, Proposal
from aiops.core.errors import ActionRefusedError, ConflictError, DeniedError, NotFoundError, ToolError
from aiops.core.incident import EventKind, State
from aiops.supervisor.advice import cite
from aiops.supervisor.approval import Approval
from aiops.supervisor.services import Services
from aiops.supervisor.state import GraphState, evidence_of
from aiops.tools.kit import operations

UNKNOWN = "change is known that would cure this and can be made here"

UNFIT = (ToolError, DeniedError, NotFoundError, ConflictError, ActionRefusedError)
"""Why a proposal cannot be made here; another one may."""


async def plan(services: Services, state: GraphState) -> GraphState:
    """Take the best proposal that passes its dry run and put it to people; without one, escalate."""
    tried = list(state["tried"])
    if services.settings.autonomy == "observe":
        return {"outcome": State.ESCALATED, "because": "autonomy is 'observe': nothing is proposed"}
    if len(tried) >= services.settings.max_rounds:
        count = len(tried) - len(state["kept"])
        because = f"{count} proposal{'s' if count != 1 else ''} did not settle it"
        return {"outcome": State.ESCALATED, "because": because}
    proposals = state["proposals"]
    if proposals is None:
        async with services.clock.frozen():
            context = services.context.reading_once()
            proposals = await remediation.propose(
                state["diagnosis"], state["scope"], evidence_of(state), context, settled(tried, state["kept"])
            )
    if proposals:
        await cite(services, state)
    if services.settings.read_only or services.settings.autonomy == "suggest":
        return _suggest(services, state["incident_id"], proposals)
    refused = len(tried)
    while proposals:
        proposal, *proposals = proposals
        action = await _prepared(services, state["incident_id"], proposal, len(tried) + 1)
        if action is not None:
            approval = _ask(services, state["incident_id"], action)
            return {"action": action, "approval": approval.id, "proposals": proposals, "tried": tried}
        tried.append(proposal)
    because = f"no {'other ' if refused else ''}{UNKNOWN}"
    return {"outcome": State.ESCALATED, "because": because, "tried": tried}


def settled(tried: Sequence[Proposal], kept: Sequence[Proposal]) -> list[Proposal]:
    """What must not be proposed again. What did not help before a change was kept may have failed for want of it."""
    last = max((index for index, proposal in enumerate(tried) if proposal in kept), default=-1)
    return [*(proposal for proposal in tried[: last + 1] if proposal in kept), *tried[last + 1 :]]


def _suggest(services: Services, incident_id: str, proposals: list[Proposal]) -> GraphState:
    for number, proposal in enumerate(proposals, 1):
        text = f"suggests {_call(proposal)}: {proposal.reason}"
        data = proposal.model_dump(mode="json")
        services.store.add_event(
            incident_id, EventKind.SUGGESTION, "remediation", text, data, key=f"suggestion-{number}"
        )
    if not proposals:
        return {"outcome": State.ESCALATED, "because": f"no {UNKNOWN}"}
    rule = "read-only" if services.settings.read_only else "autonomy is 'suggest'"
    return {"outcome": State.ESCALATED, "because": f"{rule}: a change is suggested, a person must make it"}


def _call(proposal: Proposal) -> str:
    """The call that a person would make by hand, with its arguments."""
    values = {n: v if isinstance(v, str) else json.dumps(v) for n, v in proposal.arguments.items()}
    return f"{proposal.tool}({', '.join(f'{name}={value}' for name, value in values.items())})"


async def _prepared(services: Services, incident_id: str, proposal: Proposal, number: int) -> Action | None:
    try:
        async with services.clock.frozen():
            return await operations.prepare(services.context, proposal, f"{incident_id}-{number}")
    except UNFIT as error:
        text = f"cannot propose {proposal.tool} on {proposal.target}: {error}"
        services.store.add_event(incident_id, EventKind.NOTE, "remediation", text, key=f"unfit-{number}")
        return None


def _ask(services: Services, incident_id: str, action: Action) -> Approval:
    digest = action.digest()
    name = "apr-" + hashlib.sha256(f"{action.id}:{digest}".encode()).hexdigest()[:12]
    approval = Approval(id=name, incident=incident_id, action=action, digest=digest)
    services.store.ask(approval)
    services.store.transition(incident_id, State.AWAITING_APPROVAL, "supervisor", f"{action.proposal.tool} is proposed")
    services.store.add_event(
        incident_id,
        EventKind.PROPOSAL,
        "remediation",
        f"{action.proposal.tool} on {action.proposal.target}: {action.proposal.reason}",
        {"approval": name, "digest": digest, "action": action.model_dump(mode="json")},
        key=name,
    )
    return approval
