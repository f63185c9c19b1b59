"""The revision before, for settings of the pod template that have no tool of their own."""

from __future__ import annotations

from aiops.agents.remedies.kit.registry import RemedyCase, remedy
from aiops.analysis.state.before import template_before
from aiops.core.action import Proposal
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.tools.rollout_undo import rollout_undo


@remedy(
    Mechanism.CONFIG_PROBE,
    Mechanism.CONFIG_COMMAND,
    Mechanism.CONFIG_ENV_MISSING,
    Mechanism.CONFIG_ENV_SHADOWED,
    Mechanism.CONFIG_INIT_CONTAINER,
    Mechanism.CONFIG_SIDECAR,
    Mechanism.CONFIG_OBJECT_MISSING,
    Mechanism.IMAGE_CREDENTIALS,
    Mechanism.ROLLOUT_PARTIAL,
    Mechanism.SCHEDULING_NODE_SELECTOR,
    Mechanism.DNS_POLICY,
    Mechanism.NETWORK_MTLS,
    Mechanism.TLS_REQUIRED,
)
async def rollback(case: RemedyCase) -> list[Proposal]:
    """Roll the Deployment back to the revision before."""
    workload = case.cause.subject
    if not isinstance(workload, Entity) or workload.kind != "Deployment":
        return []
    if template_before(case.state, workload) is None:
        return []
    reason = f"The revision of {workload} before this one had another {case.cause.field or 'pod template'}."
    effect = f"Pods of {workload} are as they were when it worked."
    return [case.propose(rollout_undo, workload, reason, effect, workload=workload)]
