"""A login that is accepted again: pods take the Secret of before or read it anew; no Secret is written."""

from __future__ import annotations

from aiops.agents.remedies.kit.registry import RemedyCase, remedy
from aiops.agents.specialists.support.tokens import AUTOMOUNT
from aiops.analysis.state.cluster import ClusterState, uses_config
from aiops.analysis.state.containers.key_references import key_references
from aiops.analysis.state.network.failing_calls import failing_calls
from aiops.core.action import Proposal
from aiops.core.entity import Entity, Manifest
from aiops.core.evidence import Source
from aiops.core.mechanism import Mechanism
from aiops.core.moments import created_at
from aiops.tools.rollout_restart import rollout_restart
from aiops.tools.rollout_undo import rollout_undo


@remedy(Mechanism.AUTH_CREDENTIAL)
async def credential(case: RemedyCase) -> list[Proposal]:
    """Roll those back that took their login from another Secret before; else restart those who are refused and whose
    pods are older than what the Secret holds now. An account's token comes back with the revision that had it."""
    subject = case.cause.subject
    if not isinstance(subject, Entity):
        return []
    if subject.kind == "Deployment" and (case.cause.field or "").endswith(AUTOMOUNT):
        return _with_token(case, subject)
    if subject.kind != "Secret":
        return []
    refused = {call.source for call in failing_calls(case.state)}
    users = [w for w in case.state.workloads(subject.namespace) if uses_config(w, subject) and Entity.of(w) in refused]
    found = []
    for workload in map(Entity.of, users):
        if workload.kind == "Deployment" and _took_another(case.state, workload, subject):
            reason = f"The revision of {workload} before this one did not take its login from {subject}."
            effect = f"{workload} logs in as it did before."
            found.append(case.propose(rollout_undo, workload, reason, effect, workload=workload))
    written = _written_at(case, subject)
    for workload in map(Entity.of, users) if written is not None and not found else ():
        if any(_made(pod) < (written or 0.0) for pod in case.state.pods_of(workload)):
            reason = f"{subject} was written after the pods of {workload} had read it."
            effect = f"New pods of {workload} log in with what {subject} holds now."
            found.append(case.propose(rollout_restart, workload, reason, effect, workload=workload))
    return found


def _with_token(case: RemedyCase, workload: Entity) -> list[Proposal]:
    before = case.state.templates(workload)[:1]
    if not before or before[0].get("spec", {}).get(AUTOMOUNT) is False:
        return []
    reason = f"The revision of {workload} before this one had the token of its service account."
    effect = f"{workload} asks the Kubernetes API as itself again."
    return [case.propose(rollout_undo, workload, reason, effect, workload=workload, with_account=True)]


def _took_another(state: ClusterState, workload: Entity, secret: Entity) -> bool:
    """Did the revision before take nothing from this Secret?"""
    before = state.templates(workload)[:1]
    containers = before[0].get("spec", {}).get("containers") or [] if before else []
    used = {r.config for container in containers for r in key_references(container, workload.namespace)}
    return bool(before) and secret not in used


def _written_at(case: RemedyCase, secret: Entity) -> float | None:
    """When the Secret was last written, as the evidence tells."""
    return max(
        (e.onset for e in case.cited if e.source is Source.CHANGES and e.subject == secret and e.onset is not None),
        default=None,
    )


def _made(pod: Manifest) -> float:
    return created_at(pod) or 0.0
