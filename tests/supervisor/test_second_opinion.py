"""The model's part in an incident: what is told, what is counted, and that the budget holds over all rounds."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2

from aiops.agents.registry import Findings
from aiops.agents.scoping.scope import Scope
from aiops.clients.kubernetes import KubernetesClient
from aiops.clients.models.endpoint import EndpointModel
from aiops.clients.transport import Retry
from aiops.core.clock import VirtualClock
from aiops.core.evidence import Window
from aiops.core.incident import EventKind, Signal
from aiops.core.settings import Settings
from aiops.supervisor.second_opinion import ACTOR, model_usage, with_second_opinion
from aiops.supervisor.services import Services, assemble
from aiops.supervisor.state import GraphState
from aiops.tools.kit.context import Context
from tests.agents.test_second_opinion import CLOSE, SEEN
from tests.support.model_server import Answer, ModelServer, refused, said, serving

PRICES = {"model_price_in": 1.0, "model_price_out": 2.0}


def swap() -> Any:
    reason = {"text": "Nobody listens.", "cites": ["cluster-geo"]}
    return said({"verdict": "reorder", "order": [2, 1, 3], "explanation": [reason]}, usage=(3_000, 100))


@asynccontextmanager
async def services(
    directory: Path, *script: Answer, configured: bool = True, **settings: Any
) -> AsyncIterator[tuple[Services, ModelServer]]:
    """Services on a cluster that nobody reads here."""
    silent = httpx2.MockTransport(lambda request: httpx2.Response(500))
    context = Context(kube=KubernetesClient.at("http://lab", transport=silent), clock=VirtualClock(1_700_000_000.0))
    async with serving(*script) as server:
        model = EndpointModel(server.url, "scripted", retry=Retry(attempts=1))
        found = assemble(Settings(state_dir=directory, **settings), context, model=model if configured else None)
        yield found, server
        found.database.close()
        await model.close()


def state_of(found: Services, signal: Signal, attempt: int = 1) -> GraphState:
    scope = Scope(
        namespaces=("shop",),
        signals=(signal,),
        onset=0.0,
        reported=0.0,
        window=Window(start=0.0, end=1.0),
        baseline=Window(start=0.0, end=1.0),
        attempt=attempt,
    )
    incident = found.store.open_incident(signal, ("shop",))
    return {"incident_id": incident.id, "scope": scope, "findings": {"x": Findings(specialist="x", evidence=SEEN)}}


async def test_without_a_model_nothing_happens(tmp_path: Path, signal: Callable[..., Signal]) -> None:
    async with services(tmp_path, swap(), configured=False) as (found, server):
        state = state_of(found, signal())
        assert await with_second_opinion(found, state, CLOSE) == CLOSE
        assert [e for e in found.store.events(state["incident_id"]) if e.actor == ACTOR] == []
    assert server.bodies == []


async def test_the_opinion_stands_in_the_timeline(tmp_path: Path, signal: Callable[..., Signal]) -> None:
    async with services(tmp_path, swap(), **PRICES) as (found, _):
        state = state_of(found, signal())
        after = await with_second_opinion(found, state, CLOSE)
        (event,) = [e for e in found.store.events(state["incident_id"]) if e.actor == ACTOR]
    assert str(after.root_causes[0].subject) == "Service/shop/rate"
    assert event.kind is EventKind.NOTE
    assert event.text == "scripted: puts Service/shop/rate first. Nobody listens. [cluster-geo]"
    assert event.data["order"] == [2, 1, 3]
    usage = model_usage([event])
    assert (usage.calls, usage.tokens_in, usage.tokens_out) == (1, 3_000, 100)
    assert usage.cost is not None
    assert abs(usage.cost - 0.0032) < 1e-9


async def test_the_budget_holds_over_all_rounds(tmp_path: Path, signal: Callable[..., Signal]) -> None:
    async with services(tmp_path, swap(), model_max_tokens_per_incident=6_000) as (found, server):
        state = state_of(found, signal())
        for attempt in (1, 2, 3):
            state["scope"] = state["scope"].model_copy(update={"attempt": attempt})
            after = await with_second_opinion(found, state, CLOSE)
        events = found.store.events(state["incident_id"])
        notes = [e.text for e in events if e.actor == ACTOR]
    assert len(server.bodies) == 2  # the third would not fit any more
    assert "budget is used up" in notes[2]
    assert after == CLOSE
    assert model_usage(events).tokens == 6_200
    assert model_usage(events).cost is None


async def test_a_model_that_fails_changes_nothing(tmp_path: Path, signal: Callable[..., Signal]) -> None:
    async with services(tmp_path, refused(500, "boom")) as (found, _):
        state = state_of(found, signal())
        assert await with_second_opinion(found, state, CLOSE) == CLOSE
        (event,) = [e for e in found.store.events(state["incident_id"]) if e.actor == ACTOR]
    assert event.text.startswith("scripted: no second opinion: ")
    assert "answered 500: boom" in event.text


async def test_a_person_of_the_models_name_takes_no_tokens(tmp_path: Path, signal: Callable[..., Signal]) -> None:
    async with services(tmp_path, swap()) as (found, _):
        state = state_of(found, signal())
        found.store.add_event(state["incident_id"], EventKind.DECISION, ACTOR, "denied", {"decision": "denied"})
        after = await with_second_opinion(found, state, CLOSE)
        events = found.store.events(state["incident_id"])
    assert str(after.root_causes[0].subject) == "Service/shop/rate"
    assert model_usage(events).calls == 1
