"""The one right that a service account was refused, and no other."""

from __future__ import annotations

from aiops.agents.remedies.registry import RemedyCase, remedy
from aiops.core.action import Proposal
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.tools.edit_role import edit_role
from aiops.tools.edit_role_binding import edit_role_binding
from aiops.tools.rollout_undo import rollout_undo


@remedy(Mechanism.AUTH_RBAC_DENIED)
async def rights(case: RemedyCase) -> list[Proposal]:
    """Grant the refused call to the role that the account has, or bind the account again; else the revision before."""
    subject, wanted = case.cause.subject, case.cause.wanted
    if not isinstance(subject, Entity):
        return []
    if subject.kind == "Deployment" and case.state.templates(subject):
        reason = f"The revision of {subject} before this one ran as another service account."
        return [case.propose(rollout_undo, subject, reason, "It has the rights of that account.", workload=subject)]
    if not isinstance(wanted, list) or not wanted:
        return []
    effect = "What was refused is allowed, and nothing else."
    if subject.kind == "Role":
        reason = f"{subject} lacks a right that its service account was refused; the rules with it: {wanted}."
        return [case.propose(edit_role, subject, reason, effect, role=subject, rules=wanted)]
    if subject.kind == "RoleBinding":
        reason = f"{subject} grants what was refused, but names no existing account for it; subjects then: {wanted}."
        return [case.propose(edit_role_binding, subject, reason, effect, binding=subject, subjects=wanted)]
    return []
