"""Entities, incident states and action digests."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.core.action import Action, PatchEdit, Proposal, Risk
from aiops.core.entity import Edge, Entity
from aiops.core.errors import InvalidInputError, TransitionError
from aiops.core.incident import TRANSITIONS, State, check_transition
from aiops.core.mechanism import Mechanism

WORDS = st.text("abc-0", min_size=1, max_size=8)


@given(WORDS, st.just("") | WORDS, WORDS)
def test_an_entity_survives_its_text(kind: str, namespace: str, name: str) -> None:
    entity = Entity(kind=kind, namespace=namespace, name=name)
    assert Entity.parse(str(entity)) == entity


@pytest.mark.parametrize("text", ["", "geo", "Pod/x", "/hotel/geo", "Pod/hotel/", "a/b/c/d"])
def test_a_text_that_is_no_entity_is_named(text: str) -> None:
    with pytest.raises(InvalidInputError, match="kind/namespace/name"):
        Entity.parse(text)


def test_an_edge_reads_from_caller_to_callee() -> None:
    edge = Edge(source=Entity(kind="Pod", namespace="n", name="a"), target=Entity(kind="Pod", namespace="n", name="b"))
    assert str(edge) == "Pod/n/a -> Pod/n/b"


def test_mechanisms_are_family_and_name() -> None:
    assert all(m.value == f"{m.family}.{m.value.partition('.')[2]}" and "." in m.value for m in Mechanism)


def test_every_state_is_reachable_and_final_states_end() -> None:
    reached, edge = {State.OPEN}, [State.OPEN]
    while edge:
        for state in TRANSITIONS[edge.pop()] - reached:
            reached.add(state)
            edge.append(state)
    assert reached == set(State)
    assert all(TRANSITIONS[state] for state in State if not state.final)
    assert all(after.final for state in State if state.final for after in TRANSITIONS[state])


def test_a_transition_that_cannot_be_is_refused() -> None:
    check_transition(State.OPEN, State.DIAGNOSING)
    with pytest.raises(TransitionError, match="from resolved to acting"):
        check_transition(State.RESOLVED, State.ACTING)


def _action(identifier: str, replicas: int) -> Action:
    target = Entity(kind="Deployment", namespace="n", name="x")
    proposal = Proposal(
        tool="scale", arguments={}, target=target, mechanism=None, reason="r", expected_effect="e", evidence=()
    )
    edit = PatchEdit(target=target, patch_type="merge", body={"spec": {"replicas": replicas}})
    return Action(id=identifier, proposal=proposal, risk=Risk.LOW, edits=(edit,), diff="")


def test_an_approval_holds_for_exactly_one_edit() -> None:
    assert _action("a", 1).digest() == _action("a", 1).digest()
    assert len({_action("a", 1).digest(), _action("a", 2).digest(), _action("b", 1).digest()}) == 3
