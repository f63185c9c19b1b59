"""Whole answers: questions to a small cluster in which something was changed and something is broken."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from aiops.agents.ask.answering import answer
from aiops.core.answer import Answer
from aiops.core.errors import InvalidInputError, UnknownNameError
from aiops.tools.kit.registry import TOOLS

RigOf = Callable[..., Awaitable[Any]]


@pytest.fixture
async def rig(rig_of: RigOf) -> Any:
    """A cluster in which the image of one deployment was changed to one that cannot be pulled, two minutes ago."""
    made = await rig_of(history=420.0)
    await made.patch("Deployment", "recommendation", {"spec": {"strategy": {"rollingUpdate": {"maxUnavailable": 1}}}})
    await made.patch_container("recommendation", image="registry.example.com/none:1")
    made.run(120)
    return made


def told(given: Answer) -> str:
    return " ".join(sentence.text for sentence in given.sentences)


def cells(given: Answer) -> str:
    return " ".join(str(cell) for table in given.tables for row in table.rows for cell in row)


async def test_answers_rest_on_what_the_cluster_says(rig: Any) -> None:
    pods = await answer("which pods are failing in hotel?", rig.ctx)
    assert "recommendation" in cells(pods)
    changes = await answer("what changed in the last 10 minutes?", rig.ctx)
    assert "Deployment/hotel/recommendation" in cells(changes)
    assert "registry.example.com/none:1" in cells(changes)
    facts = await answer("which image does recommendation run?", rig.ctx)
    assert "registry.example.com/none:1" in told(facts)
    health = await answer("is anything wrong?", rig.ctx)
    assert "recommendation" in told(health)
    replicas = await answer("how many replicas does geo have", rig.ctx)
    assert "ready of" in told(replicas)
    nodes = await answer("which nodes are not ready?", rig.ctx)
    assert "All are ready" in told(nodes)
    events = await answer("show the events of recommendation", rig.ctx)
    assert "none:1" in cells(events)
    for given in (pods, changes, facts, health, replicas, nodes, events):
        assert given.answered, told(given)
        assert given.by_model is None
        assert given.citations


async def test_why_names_the_cause_and_how_it_was_seen(rig: Any) -> None:
    given = await answer("why is recommendation failing?", rig.ctx)
    assert given.answered
    assert "image" in told(given)
    assert "at Deployment/hotel/recommendation itself" in told(given)
    ids = {citation.id for citation in given.citations}
    assert any(sentence.cites for sentence in given.sentences)
    assert all(set(sentence.cites) <= ids for sentence in given.sentences)


async def test_every_citation_can_be_made_again(rig: Any) -> None:
    for question in ("which pods are failing?", "what calls geo?", "who can read secrets in hotel?", "why is geo slow"):
        given = await answer(question, rig.ctx)
        assert given.citations, question
        for citation in given.citations:
            await TOOLS.get(citation.query.tool).call(rig.ctx, citation.query.arguments)


async def test_calls_and_who_would_notice(rig: Any) -> None:
    callers = await answer("what calls geo?", rig.ctx)
    called = await answer("what does search depend on?", rig.ctx)
    assert "Deployment/hotel/search" in told(callers)
    assert "Deployment/hotel/geo" in told(called)
    hit = await answer("who is affected if geo goes down?", rig.ctx)
    assert "search" in told(hit)
    assert "frontend" in cells(hit)


async def test_without_telemetry_and_history_it_says_so(rig: Any) -> None:
    bare = replace(rig.ctx, metrics=None, traces=None, changes=None)
    alerts = await answer("which alerts fire?", bare)
    assert not alerts.answered
    assert "Prometheus" in told(alerts)
    changes = await answer("what changed in the last 5 minutes?", bare)
    assert "No history" in told(changes)
    assert "Deployment/hotel/recommendation" in cells(changes)


async def test_what_does_not_exist_is_said_with_the_nearest_names(rig: Any) -> None:
    name = await answer("why is reservatoin slow?", rig.ctx)
    assert "reservation" in told(name)
    assert name.answered
    place = await answer("which pods are failing in the hotle namespace?", rig.ctx)
    assert "hotel" in told(place)
    nobody = await answer("why is kitchensink failing?", rig.ctx)
    assert not nobody.answered
    assert "kitchensink" in told(nobody)
    whose = await answer("show the logs", rig.ctx)
    assert not whose.answered
    assert "Of what?" in told(whose)


async def test_what_needs_a_model_is_declined_and_a_fallback_is_asked(rig: Any) -> None:
    given = await answer("write a poem about geo", rig.ctx)
    assert not given.answered
    assert "without a model" in told(given)
    assert "Which pods are failing" in cells(given)

    async def model(text: str, ctx: Any) -> Answer:
        return Answer(question=text, answered=True, sentences=(), by_model="m")

    assert (await answer("write a poem about geo", rig.ctx, fallback=model)).by_model == "m"
    assert (await answer("which pods are failing?", rig.ctx, fallback=model)).by_model is None
    order = await answer("delete the pods of geo", rig.ctx, fallback=model)
    assert not order.answered
    assert order.by_model is None


async def test_bad_input_is_refused(rig: Any) -> None:
    with pytest.raises(InvalidInputError):
        await answer("  ", rig.ctx)
    with pytest.raises(UnknownNameError, match="hotel"):
        await answer("is anything wrong?", rig.ctx, namespace="hotl")


async def test_a_premise_that_does_not_hold_is_said(rig: Any) -> None:
    assert "is not slower than before" in told(await answer("why is search slow?", rig.ctx))


async def test_why_names_the_field_that_keeps_a_pod_from_running(rig_of: RigOf) -> None:
    made = await rig_of(history=420.0)
    await made.patch_container("user", resources={"requests": {"cpu": "500"}, "limits": {"cpu": "500"}})
    made.run(120)
    given = await answer("why is user not running?", made.ctx)
    assert "No node takes a pod of Deployment/hotel/user" in told(given)
    assert "containers[user].resources.requests.cpu" in told(given)
