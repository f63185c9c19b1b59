"""Which incident a signal belongs to."""

from __future__ import annotations

from collections.abc import Callable

from aiops.core.entity import Entity
from aiops.core.incident import Signal, State
from aiops.supervisor.grouping import MOST_AT_ONCE, home_of, namespaces_of
from aiops.supervisor.store import Store

MakeSignal = Callable[..., Signal]


def _home(store: Store, signal: Signal) -> str | None:
    return home_of(signal, store.unfinished_namespaces(), store.incidents_with(signal.fingerprint))


def test_the_object_of_an_alert_tells_its_namespace(signal: MakeSignal) -> None:
    assert namespaces_of(signal()) == ("shop",)
    assert namespaces_of(signal(namespace="")) == ()
    assert namespaces_of(signal(labels={"namespace": "monitoring", "exported_namespace": "shop"})) == ("shop",)
    assert namespaces_of(signal(labels={"exported_namespace": "shop"})) == ("shop",)
    assert namespaces_of(signal(subject=Entity(kind="Pod", namespace="bank", name="x"))) == ("bank",)


def test_a_known_alert_stays_in_its_incident(store: Store, signal: MakeSignal) -> None:
    store.open_incident(signal("a", "shop"), ("shop",))
    bank = store.open_incident(signal("b", "bank"), ("bank",))
    assert _home(store, signal("b", "bank")) == bank.id


def test_a_new_alert_joins_the_incident_of_its_namespace(store: Store, signal: MakeSignal) -> None:
    shop = store.open_incident(signal("a", "shop"), ("shop",))
    assert _home(store, signal("new", "shop")) == shop.id
    assert _home(store, signal("new", "bank")) is None


def test_a_finished_incident_absorbs_nothing(store: Store, signal: MakeSignal) -> None:
    shop = store.open_incident(signal("a", "shop"), ("shop",))
    store.transition(shop.id, State.ESCALATED, "x", "y")
    assert _home(store, signal("a", "shop")) is None


def test_trouble_in_very_many_namespaces_is_one_of_the_cluster(store: Store, signal: MakeSignal) -> None:
    for number in range(MOST_AT_ONCE):
        store.open_incident(signal(f"f{number}", f"ns{number}"), (f"ns{number}",))
    assert _home(store, signal("new", "bank")) is None
    whole = store.open_incident(signal("new", "bank"), ())
    assert _home(store, signal("newer", "shop")) == whole.id
    assert _home(store, signal("newer", "ns3")) != whole.id
