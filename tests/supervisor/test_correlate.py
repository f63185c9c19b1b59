"""Which incident a signal belongs to."""

from __future__ import annotations

from collections.abc import Callable

from aiops.core.entity import Entity
from aiops.core.incident import Signal, State
from aiops.supervisor.correlate import home_of, namespaces_of
from aiops.supervisor.store import Store

MakeSignal = Callable[..., Signal]


def test_the_object_of_an_alert_tells_its_namespace(signal: MakeSignal) -> None:
    assert namespaces_of(signal()) == ("shop",)
    assert namespaces_of(signal(namespace="")) == ()
    assert namespaces_of(signal(subject=Entity(kind="Pod", namespace="bank", name="x"))) == ("bank",)


def test_a_known_alert_stays_in_its_incident(store: Store, signal: MakeSignal) -> None:
    store.open_incident(signal("a", "shop"), ("shop",))
    bank = store.open_incident(signal("b", "bank"), ("bank",))
    found = home_of(signal("b", "bank"), store.incidents(unfinished=True))
    assert found is not None
    assert found.id == bank.id


def test_a_new_alert_joins_the_incident_of_its_namespace(store: Store, signal: MakeSignal) -> None:
    shop = store.open_incident(signal("a", "shop"), ("shop",))
    found = home_of(signal("new", "shop"), store.incidents(unfinished=True))
    assert found is not None
    assert found.id == shop.id
    assert home_of(signal("new", "bank"), store.incidents(unfinished=True)) is None


def test_a_finished_incident_absorbs_nothing(store: Store, signal: MakeSignal) -> None:
    shop = store.open_incident(signal("a", "shop"), ("shop",))
    store.transition(shop.id, State.ESCALATED, "x", "y")
    assert home_of(signal("a", "shop"), store.incidents(unfinished=True)) is None
