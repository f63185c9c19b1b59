"""From all evidence to ranked root causes."""

from __future__ import annotations

from aiops.agents import root_cause
from aiops.core.incident import EventKind, State
from aiops.supervisor.second_opinion import with_second_opinion
from aiops.supervisor.services import Services
from aiops.supervisor.state import GraphState


async def diagnose(services: Services, state: GraphState) -> GraphState:
    """Fuse what the specialists found. The round cost as much time as its slowest specialist."""
    scope, findings = state["scope"], state["findings"]
    await services.clock.spend(max((f.cost for f in findings.values()), default=0.0))
    diagnosis = root_cause.diagnose(scope, [findings[name] for name in sorted(findings)])
    diagnosis = await with_second_opinion(services, state, diagnosis)
    services.store.add_event(
        state["incident_id"],
        EventKind.DIAGNOSIS,
        "root cause",
        diagnosis.summary,
        diagnosis.model_dump(mode="json"),
        key=f"diagnosis-{scope.attempt}",
    )
    if not diagnosis.fault:
        return {"diagnosis": diagnosis, "outcome": State.CLOSED_NO_FAULT, "because": "no fault was found"}
    if diagnosis.abstained:
        return {"diagnosis": diagnosis, "outcome": State.ESCALATED, "because": "the evidence does not tell the cause"}
    return {"diagnosis": diagnosis, "outcome": None}
