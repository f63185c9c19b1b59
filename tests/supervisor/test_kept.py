"""A change was kept because it cured its own cause: what the next look decides, and what is told at the end."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import httpx2
import pytest

from aiops.agents.verification.confirmed import CONFIRMED
from aiops.clients.kubernetes import KubernetesClient
from aiops.clients.transport import Retry
from aiops.core.action import Action, Outcome, Proposal, Verdict
from aiops.core.clock import VirtualClock
from aiops.core.diagnosis import Diagnosis, RootCause
from aiops.core.entity import Entity
from aiops.core.incident import EventKind, Signal, State
from aiops.core.mechanism import Mechanism
from aiops.core.settings import Settings
from aiops.knowledge.library import Library
from aiops.supervisor.database import Database
from aiops.supervisor.graph import _after_diagnose
from aiops.supervisor.journal import Writers
from aiops.supervisor.kept import diagnosis_to_tell, with_cured_first
from aiops.supervisor.nodes.diagnose import diagnose
from aiops.supervisor.nodes.plan import plan, settled
from aiops.supervisor.nodes.recovery import recovery
from aiops.supervisor.nodes.report import report
from aiops.supervisor.rounds import Rounds
from aiops.supervisor.services import Services
from aiops.supervisor.state import GraphState
from aiops.supervisor.store import Store
from aiops.tools.kit.context import Context
from tests.supervisor.conftest import NOW
from tests.support.investigation import make_scope, see

CART = Entity(kind="Service", namespace="shop", name="cart")
CURED = Diagnosis(
    fault=True,
    root_causes=(
        RootCause(
            subject=CART,
            mechanism=Mechanism.CONFIG_TARGET_PORT,
            confidence=0.9,
            summary="It is the port.",
            evidence=("e1",),
        ),
    ),
    summary="It is the port.",
)
NO_FAULT = Diagnosis(fault=False, summary="No fault was found.")
ABSTAINED = Diagnosis(fault=True, abstained=True, summary="It cannot be told.")

Start = Callable[..., tuple[Services, GraphState]]


@pytest.fixture
def at_second_look(
    store: Store, database: Database, signal: Callable[..., Signal], action: Callable[..., Action], tmp_path: Any
) -> Start:
    """An incident whose first change was kept; of the cluster nothing can be seen any more."""

    def start(diagnosis: Diagnosis = NO_FAULT, **settings: Any) -> tuple[Services, GraphState]:
        wire = httpx2.MockTransport(lambda _: httpx2.Response(200, json={"items": [], "metadata": {}}))
        clock = VirtualClock(NOW)
        kube = KubernetesClient.at("http://cluster", transport=wire, retry=Retry(1, 0.0))
        context = Context(kube=kube, clock=clock)
        services = SimpleNamespace(
            store=store,
            settings=Settings(state_dir=tmp_path, **settings),
            clock=clock,
            context=context,
            rounds=Rounds(context),
            model=None,
            writers=Writers(database),
            library=Library.open(tmp_path),
        )
        incident = store.open_incident(signal(), ("shop",))
        store.transition(incident.id, State.DIAGNOSING, "supervisor", "begins")
        seen = see("e1", CART, 0.9)
        data = seen.model_dump(mode="json")
        store.add_event(incident.id, EventKind.EVIDENCE, "metrics", seen.summary, data, key=seen.id)
        proposal = action().proposal
        state: GraphState = {
            "incident_id": incident.id,
            "scope": make_scope(signals=incident.signals),
            "findings": {},
            "diagnosis": diagnosis,
            "tried": [proposal],
            "kept": [proposal],
            "cured": CURED,
        }
        return cast(Services, services), state

    return start


async def test_no_fault_after_a_kept_change_is_no_proof_that_users_are_well(at_second_look: Start) -> None:
    services, state = at_second_look()
    state = {**state, **await diagnose(services, state)}
    assert not state["diagnosis"].fault
    assert await _after_diagnose(state) == "recovery"
    state = {**state, **await recovery(services, state, step="diagnosed")}
    assert state["outcome"] is State.ESCALATED


async def test_no_fault_without_a_kept_change_needs_no_further_look(at_second_look: Start) -> None:
    services, state = at_second_look()
    state = {**state, "kept": []}
    state = {**state, **await diagnose(services, state)}
    assert await _after_diagnose(state) == "report"
    assert state["outcome"] is State.CLOSED_NO_FAULT


@pytest.mark.parametrize(
    ("last", "outcome", "told"),
    [
        (NO_FAULT, State.RESOLVED, CURED),
        (NO_FAULT, State.ESCALATED, CURED),
        (ABSTAINED, State.RESOLVED, CURED),
        (ABSTAINED, State.ESCALATED, ABSTAINED),
    ],
)
async def test_the_cause_that_was_cured_is_not_denied_at_the_end(
    at_second_look: Start, last: Diagnosis, outcome: State, told: Diagnosis
) -> None:
    services, state = at_second_look(last)
    incident = state["incident_id"]
    services.store.add_event(incident, EventKind.DIAGNOSIS, "x", last.summary, last.model_dump(mode="json"))
    after = await report(services, {**state, "outcome": outcome, "because": "so it is"})
    events = services.store.events(incident)
    (*_, diagnosis) = (e.data for e in events if e.kind is EventKind.DIAGNOSIS)
    assert Diagnosis.model_validate(diagnosis) == told == after["diagnosis"]
    text = next(e.text for e in events if e.kind is EventKind.REPORT)
    assert ("[e1] Seen at Service/shop/cart." in text) is (told is CURED)
    assert events[-1].text == "so it is; kept in place: scale on Deployment/shop/cart"
    assert services.store.incident(incident).state is outcome


OTHER = RootCause(
    subject=Entity(kind="Deployment", namespace="shop", name="geo"),
    mechanism=Mechanism.APP_VERSION,
    confidence=0.95,
    summary="It is the version.",
    evidence=("e2",),
)
STANDS = Diagnosis(fault=True, root_causes=(OTHER,), summary="It is the version.")


@pytest.mark.parametrize("last", [ABSTAINED, STANDS])
async def test_a_cure_that_eased_most_of_the_trouble_is_told_before_what_is_left(
    at_second_look: Start, last: Diagnosis
) -> None:
    _, state = at_second_look(last)
    told = diagnosis_to_tell({**state, "eased": True}, State.ESCALATED)
    assert told is not None
    assert told.root_causes[0] == CURED.best
    assert [c.subject for c in told.root_causes[1:]] == [c.subject for c in last.root_causes]
    assert not told.abstained
    assert diagnosis_to_tell(state, State.ESCALATED) == last


async def test_the_cause_whose_cure_helped_is_told_first(at_second_look: Start, action: Callable[..., Action]) -> None:
    assert CURED.best is not None
    both = Diagnosis(fault=True, root_causes=(OTHER, CURED.best), summary="It is the version.")
    _, state = at_second_look(both)
    made = action()
    proposal = made.proposal.model_copy(update={"mechanism": CURED.best.mechanism, "evidence": CURED.best.evidence})
    well = {**state, "action": made.model_copy(update={"proposal": proposal})}
    for outcome, first in ((Outcome.BETTER, CURED.best.subject), (Outcome.UNCHANGED, OTHER.subject)):
        verdict = Verdict(outcome=outcome, checks=())
        told = diagnosis_to_tell(cast(GraphState, {**well, "verdict": verdict}), State.RESOLVED)
        assert told is not None
        assert told.root_causes[0].subject == first
    told = with_cured_first(both, proposal)
    assert [c.confidence for c in told.root_causes] == [CONFIRMED, CONFIRMED]
    assert told.summary.startswith("It is the port.")
    assert with_cured_first(CURED, proposal) == CURED


async def test_a_kept_change_does_not_count_among_those_that_settled_nothing(at_second_look: Start) -> None:
    services, state = at_second_look(CURED, max_rounds=2)
    state = {**state, "tried": [*state["tried"], state["tried"][0]]}
    assert (await plan(services, state))["because"] == "1 proposal did not settle it"


def test_what_failed_before_a_change_was_kept_may_be_tried_once_more() -> None:
    def proposal(name: str) -> Proposal:
        target = Entity(kind="Service", namespace="shop", name=name)
        return Proposal(
            tool="patch_service",
            arguments={},
            target=target,
            mechanism=None,
            reason="r",
            expected_effect="e",
            evidence=(),
        )

    first, second, third = map(proposal, ("a", "b", "c"))
    assert settled([first, second, third], []) == [first, second, third]
    assert settled([first, second, third], [second]) == [second, third]
    assert settled([], []) == []
