"""One replica more, so that a disruption budget lets one go."""

from __future__ import annotations

from aiops.agents.remedies.kit.registry import RemedyCase, remedy
from aiops.analysis.state.autoscalers import scalers
from aiops.core.action import Proposal
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.tools.scale import scale


@remedy(Mechanism.SCHEDULING_DISRUPTION_BUDGET)
async def one_more(case: RemedyCase) -> list[Proposal]:
    """Add a replica to the Deployments whose budget asks for so many: a store may not share what it holds, so it is
    left, and where none may be missing another one is of no use."""
    if case.cause.field != "spec.minAvailable":
        return []
    found = []
    scaled = {scaler.target for scaler in scalers(case.state)}
    for workload in {item.subject: None for item in case.cited if isinstance(item.subject, Entity)}:
        manifest = case.state.find(workload.kind, workload.namespace, workload.name)
        if workload.kind != "Deployment" or manifest is None or workload in scaled:
            continue
        wanted = manifest["spec"].get("replicas", 1) + 1
        reason = f"{case.cause.subject} lets no pod of {workload} go, and a node is to be emptied."
        effect = "One pod may go, so that the node is emptied; no pod is lost."
        found.append(case.propose(scale, workload, reason, effect, workload=workload, replicas=wanted))
    return found
