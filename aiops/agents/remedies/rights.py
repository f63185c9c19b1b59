"""Rights that a change took from an account: given back as far as a machine may, and never more than was there."""

from __future__ import annotations

from aiops.agents.remedies.kit.refusals import all_rbac, because, recent, refusal_of
from aiops.agents.remedies.kit.registry import RemedyCase, remedy
from aiops.agents.remedies.kit.undo_rights import undo_rights
from aiops.agents.specialists.support.denials import account_path
from aiops.analysis.policy.account import account_rules, refused_account
from aiops.analysis.policy.guarded import in_words
from aiops.analysis.policy.rbac_repair import is_allowed
from aiops.core.action import Proposal
from aiops.core.entity import Entity, Manifest
from aiops.core.mechanism import Mechanism
from aiops.tools.recreate_grant import recreate_grant
from aiops.tools.rollout_undo import rollout_undo


@remedy(Mechanism.AUTH_RBAC_DENIED)
async def rights(case: RemedyCase) -> list[Proposal]:
    """Undo the change that took a right, where trouble followed it soon and the right is not for people alone to give.

    A right that no recorded change took is not given: whoever can run code in a pod can have its account refused
    anything."""
    subject = case.cause.subject
    if not isinstance(subject, Entity):
        return []
    if subject.kind == "ServiceAccount":
        return await _account_again(case, subject)
    if subject.kind == "Deployment":
        return await _former_account(case, subject)
    refusal = refusal_of(case)
    if refusal is None or subject.kind not in ("Role", "RoleBinding"):
        return []
    return await undo_rights(case, subject, refusal)


async def _account_again(case: RemedyCase, account: Entity) -> list[Proposal]:
    """A deleted account: its pods cannot start without it, whatever they log."""
    gone = case.state.find(account.kind, account.namespace, account.name) is None
    change = next((one for one in recent(case, account) if one.verb == "deleted"), None) if gone else None
    objects = await all_rbac(case, account.namespace)
    if change is None or refused_account(objects, account):
        return []
    who = f" by {change.actor}" if change.actor else ""
    effect = f"Pods can run as {account} again, with {_rights(objects, account)}."
    reason = f"{account} was there until it was deleted{who}."
    return [case.propose(recreate_grant, account, reason, effect, entity=account, deleted_at=change.at)]


async def _former_account(case: RemedyCase, workload: Entity) -> list[Proposal]:
    """The revision before, where the one of now runs as another account that lacks the right."""
    refusal, earlier = refusal_of(case), case.state.templates(workload)
    change = next((one for one in recent(case, workload) if account_path(one)), None)
    if refusal is None or change is None or not earlier:
        return []
    name = str(earlier[0].get("spec", {}).get("serviceAccountName") or "default")
    former = Entity(kind="ServiceAccount", namespace=workload.namespace, name=name)
    objects = await all_rbac(case, workload.namespace)
    allows = former != refusal.account and is_allowed(objects, former, refusal.request)
    if not allows or refused_account(objects, former):
        return []
    effect = f"Pods run as {former} again, with {_rights(objects, former)}."
    reason = because(workload, change, refusal)
    return [case.propose(rollout_undo, workload, reason, effect, workload=workload, with_account=True)]


def _rights(objects: list[Manifest], account: Entity) -> str:
    """All rights of an account that may be given here, in words: one with others elsewhere may not."""
    return f"all rights that bindings of its namespace give it: {in_words(account_rules(objects, account))}"
