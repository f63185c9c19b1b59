"""Nodes that take pods again, and workloads that ask for what there is, where no change is on record."""

from __future__ import annotations

import re

from aiops.agents.remedies.kit.registry import RemedyCase, remedy
from aiops.analysis.state.before import template_before
from aiops.analysis.state.storage.users import mounts
from aiops.core.action import Proposal
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.tools.rollout_undo import rollout_undo
from aiops.tools.set_node import set_node

_TAINT = re.compile(r"^spec\.taints\[(?P<key>[^\]]+)\]$")


@remedy(
    Mechanism.ACCELERATOR_SHAPE,
    Mechanism.ADMISSION_POD_SECURITY,
    Mechanism.RESOURCE_SHARED_MEMORY,
    Mechanism.SCHEDULING_ANTI_AFFINITY,
    Mechanism.SCHEDULING_HOST_PORT,
    Mechanism.SCHEDULING_REQUEST,
)
async def rollback_of_pods(case: RemedyCase) -> list[Proposal]:
    """Roll the workload back to the revision before, whose pods found their place."""
    return _rollback(case, case.cause.subject) if isinstance(case.cause.subject, Entity) else []


@remedy(Mechanism.SCHEDULING_CORDON, Mechanism.SCHEDULING_TAINT)
async def open_node(case: RemedyCase) -> list[Proposal]:
    """Let the node take pods again; of a workload that lost its toleration the revision before."""
    node = case.cause.subject
    if not isinstance(node, Entity) or node.kind != "Node":
        return await rollback_of_pods(case)
    effect = f"Pods that find no place may run on {node} again."
    if case.cause.mechanism is Mechanism.SCHEDULING_CORDON:
        reason = f"{node} is cordoned, and pods wait for a place."
        return [case.propose(set_node, node, reason, effect, node=node, unschedulable=False)]
    taint = _TAINT.match(case.cause.field or "")
    if taint is None:
        return []
    reason = f"The taint {taint['key']} of {node} keeps pods out that wait for a place."
    return [case.propose(set_node, node, reason, effect, node=node, remove_taint=taint["key"])]


@remedy(Mechanism.STORAGE_ACCESS_MODE, Mechanism.STORAGE_AFFINITY, Mechanism.STORAGE_CLAIM, Mechanism.STORAGE_CLASS)
async def without_claim(case: RemedyCase) -> list[Proposal]:
    """The revision before, for workloads whose newest one waits for a claim that the one before did not mount."""
    subject = case.cause.subject
    if isinstance(subject, Entity) and subject.kind == "Deployment":
        return _rollback(case, subject)
    found = []
    for workload in {item.subject: None for item in case.cited if isinstance(item.subject, Entity)}:
        before = template_before(case.state, workload) if workload.kind == "Deployment" else None
        manifest = case.state.find(workload.kind, workload.namespace, workload.name)
        if before is None or manifest is None:
            continue
        new = set(mounts(manifest["spec"]["template"]["spec"])) - set(mounts(before.get("spec") or {}))
        found += _rollback(case, workload) if new else []
    return found


def _rollback(case: RemedyCase, workload: Entity) -> list[Proposal]:
    if workload.kind != "Deployment" or template_before(case.state, workload) is None:
        return []
    reason = f"Pods of the revision of {workload} before this one found their place."
    effect = f"{workload} runs as before its last rollout."
    return [case.propose(rollout_undo, workload, reason, effect, workload=workload)]
