"""One specialist looks at its part of the telemetry. All specialists run in parallel, at one frozen moment."""

from __future__ import annotations

from aiops.agents.registry import Findings, Specialist
from aiops.core.incident import EventKind
from aiops.supervisor.services import Services
from aiops.supervisor.state import GraphState


async def investigate(services: Services, specialist: Specialist, state: GraphState) -> GraphState:
    """Run `specialist` and tell what it found. Raises `ClusterUnreachableError`."""
    scope = state["scope"]
    async with services.clock.frozen():
        findings = await specialist.run(scope, services.rounds.look(state["incident_id"]))
    _tell(services, state["incident_id"], findings, scope.attempt)
    return {"findings": {specialist.name: findings}}


def _tell(services: Services, incident_id: str, findings: Findings, attempt: int) -> None:
    actor, store = findings.specialist, services.store
    for item in findings.evidence:
        store.add_event(incident_id, EventKind.EVIDENCE, actor, item.summary, item.model_dump(mode="json"), key=item.id)
    if not findings.evidence:
        text = f"not seen: {'; '.join(findings.missing)}" if findings.missing else "nothing unusual"
        store.add_event(incident_id, EventKind.STEP, actor, text, key=f"{actor}-nothing-{attempt}")
