"""From all evidence to ranked root causes."""

from __future__ import annotations

from aiops.agents import root_cause
from aiops.core.diagnosis import Diagnosis
from aiops.core.incident import EventKind, State
from aiops.supervisor.second_opinion import with_second_opinion
from aiops.supervisor.services import Services
from aiops.supervisor.state import GraphState
from aiops.supervisor.store import Store


async def diagnose(services: Services, state: GraphState) -> GraphState:
    """Fuse what the specialists found. The round cost as much time as its slowest specialist."""
    services.rounds.end(state["incident_id"])
    scope, findings = state["scope"], state["findings"]
    await services.clock.spend(max((f.cost for f in findings.values()), default=0.0))
    diagnosis = root_cause.diagnose(scope, [findings[name] for name in sorted(findings)])
    diagnosis = await with_second_opinion(services, state, diagnosis)
    tell(services.store, state["incident_id"], diagnosis, str(scope.attempt))
    if not diagnosis.fault and state["kept"]:
        return {
            "diagnosis": diagnosis,
            "outcome": State.ESCALATED,
            "because": "no other cause is found, but all is not well",
        }
    if not diagnosis.fault:
        return {"diagnosis": diagnosis, "outcome": State.CLOSED_NO_FAULT, "because": "no fault was found"}
    if diagnosis.abstained:
        return {"diagnosis": diagnosis, "outcome": State.ESCALATED, "because": "the evidence does not tell the cause"}
    return {"diagnosis": diagnosis, "outcome": None}


def tell(store: Store, incident_id: str, diagnosis: Diagnosis, when: str) -> None:
    """Put a diagnosis into the timeline, once for each `when`; the last one there is the one that counts."""
    data = diagnosis.model_dump(mode="json")
    key = f"diagnosis-{when}"
    store.add_event(incident_id, EventKind.DIAGNOSIS, "root cause", diagnosis.summary, data, key=key)
