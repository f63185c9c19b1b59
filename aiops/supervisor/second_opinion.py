"""The model's part in an incident: its opinion on a diagnosis, what it told, and what it took."""

from __future__ import annotations

from collections.abc import Iterable

from aiops.agents.second_opinion.asking import SecondOpinion, second_opinion
from aiops.clients.models.budget import Usage
from aiops.clients.models.connect import budget_of
from aiops.core.diagnosis import Diagnosis
from aiops.core.incident import EventKind, IncidentEvent
from aiops.supervisor.services import Services
from aiops.supervisor.state import GraphState, evidence_of

ACTOR = "second opinion"


async def with_second_opinion(services: Services, state: GraphState, diagnosis: Diagnosis) -> Diagnosis:
    """The diagnosis after the model was heard, where one is configured. The incident's budget counts all rounds."""
    if services.model is None:
        return diagnosis
    incident = state["incident_id"]
    spent = model_usage(services.store.events(incident)).tokens
    budget = budget_of(services.settings, spent)
    opinion = await second_opinion(diagnosis, evidence_of(state), services.model, budget, services.clock)
    if opinion is None:
        return diagnosis
    told = opinion.model_dump(mode="json", exclude={"diagnosis"})
    key = f"second-opinion-{state['scope'].attempt}"
    services.store.add_event(incident, EventKind.NOTE, ACTOR, _text(opinion), told, key=key)
    return opinion.diagnosis


def model_usage(events: Iterable[IncidentEvent]) -> Usage:
    """All that models took in the events of one incident: calls, tokens, wall seconds and, with prices, money."""
    notes = [event for event in events if event.kind is EventKind.NOTE and "usage" in event.data]
    used = [Usage.model_validate(event.data["usage"]) for event in notes]
    costs = [usage.cost for usage in used if usage.cost is not None]
    return Usage(
        calls=sum(usage.calls for usage in used),
        tokens_in=sum(usage.tokens_in for usage in used),
        tokens_out=sum(usage.tokens_out for usage in used),
        seconds=round(sum(usage.seconds for usage in used), 3),
        cost=sum(costs) if costs else None,
    )


def _text(opinion: SecondOpinion) -> str:
    sentences = [f"{sentence.text} [{', '.join(sentence.cites)}]" for sentence in opinion.explanation]
    return " ".join([f"{opinion.model}: {opinion.note}.", *sentences])
