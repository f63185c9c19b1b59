"""What a report tells, and what it leaves out."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import cast

from aiops.core.action import Action
from aiops.core.diagnosis import Diagnosis, RuledOut
from aiops.core.entity import Entity
from aiops.core.incident import EventKind, Signal, State
from aiops.core.settings import Settings
from aiops.supervisor.nodes.plan import _call, _suggest
from aiops.supervisor.report_text import markdown
from aiops.supervisor.services import Services
from aiops.supervisor.store import Store


def _ruled_out(number: int) -> RuledOut:
    subject = Entity(kind="Deployment", namespace="shop", name=f"web-{number}")
    return RuledOut(subject=subject, mechanism=None, reason="nothing suffers from it")


def _report(store: Store, signal: Signal, diagnosis: Diagnosis) -> str:
    incident = store.open_incident(signal, ("shop",))
    store.add_event(incident.id, EventKind.SUGGESTION, "remediation", "suggests scale(replicas=2): too few")
    return markdown(incident, State.ESCALATED, "read-only", diagnosis, store)


def test_what_was_looked_at_is_named_and_not_endless(store: Store, signal: Callable[..., Signal]) -> None:
    others = tuple(_ruled_out(number) for number in range(7))
    text = _report(store, signal(), Diagnosis(fault=True, ruled_out=others, summary="Something."))
    assert "Deployment/shop/web-0: nothing suffers from it" in text
    assert "web-5" not in text
    assert "- and 2 more" in text


def test_a_suggestion_is_part_of_the_report(store: Store, signal: Callable[..., Signal]) -> None:
    text = _report(store, signal(), Diagnosis(fault=True, summary="Something."))
    assert "remediation: suggests scale(replicas=2): too few" in text


def test_a_suggested_change_is_given_with_its_arguments(action: Callable[..., Action]) -> None:
    assert _call(action().proposal) == "scale(replicas=2)"


def test_without_a_suggestion_nobody_is_told_to_make_one(
    store: Store, signal: Callable[..., Signal], action: Callable[..., Action]
) -> None:
    services = cast(Services, SimpleNamespace(store=store, settings=Settings(read_only=True)))
    incident = store.open_incident(signal(), ("shop",))
    assert "no change is known" in _suggest(services, incident.id, [])["because"]
    assert "a change is suggested" in _suggest(services, incident.id, [action().proposal])["because"]
