"""Which incident a signal belongs to."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from aiops.core.entity import Edge, Entity
from aiops.core.incident import Signal, State
from aiops.supervisor.grouping import (
    JOINS_FOR,
    MOST_AT_ONCE,
    SPREADS_FOR,
    Neighbours,
    Unfinished,
    home_of,
    namespaces_of,
)
from aiops.supervisor.store import Store

MakeSignal = Callable[..., Signal]


def _home(store: Store, signal: Signal) -> str | None:
    return home_of(signal, store.unfinished(), store.incidents_with(signal.fingerprint))


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


def test_what_comes_long_after_an_incident_was_last_heard_of_is_news(store: Store, signal: MakeSignal) -> None:
    shop = store.open_incident(signal("a", "shop"), ("shop",))
    heard = store.unfinished()[shop.id].heard
    assert _home(store, signal("b", "shop", received_at=heard + JOINS_FOR)) == shop.id
    assert _home(store, signal("b", "shop", received_at=heard + JOINS_FOR + 1)) is None
    assert _home(store, signal("a", "shop", received_at=heard + 100 * JOINS_FOR)) == shop.id


def _call(source: str, target: str) -> Edge:
    ends = (Entity(kind="Deployment", namespace=name, name="x") for name in (source, target))
    return Edge(source=next(ends), target=next(ends))


def test_trouble_spreads_along_calls_between_namespaces_for_some_minutes(store: Store, signal: MakeSignal) -> None:
    shop = store.open_incident(signal("a", "shop"), ("shop",))
    unfinished, neighbours = store.unfinished(), Neighbours()
    neighbours.learn([_call("shop", "bank"), _call("shop", "shop")])
    heard = unfinished[shop.id].heard

    def home(namespace: str, after: float) -> str | None:
        return home_of(signal("new", namespace, received_at=heard + after), unfinished, (), neighbours)

    assert home("bank", 60.0) == shop.id
    assert home("bank", SPREADS_FOR + 1) is None
    assert home("mail", 60.0) is None


NAMES = ("", "shop", "bank", "mail")
Steps = st.lists(
    st.one_of(
        st.tuples(st.just("signal"), st.sampled_from(NAMES), st.integers(0, 5), st.floats(0, 4000)),
        st.tuples(st.just("end"), st.just(""), st.integers(0, 5), st.just(0.0)),
    ),
    max_size=60,
)


@given(Steps)
def test_no_signal_is_dropped_and_what_has_ended_takes_nothing_in(steps: list[tuple[str, str, int, float]]) -> None:
    neighbours = Neighbours()
    neighbours.learn([_call("shop", "bank")])
    now, opened = 0.0, 0
    unfinished: dict[str, Unfinished] = {}
    knowing: dict[str, set[str]] = {}
    for what, namespace, number, wait in steps:
        if what == "end":
            unfinished.pop(next(iter(unfinished), ""), None)
            continue
        now += wait
        labels = {"namespace": namespace} if namespace else {}
        fingerprint = f"{namespace}-{number}"
        signal = Signal(
            id=f"{fingerprint}-{now}", kind="alert", title="t", labels=labels,
            fingerprint=fingerprint, starts_at=now, received_at=now,
        )  # fmt: skip
        home = home_of(signal, unfinished, knowing.get(fingerprint, set()), neighbours)
        if home is None:
            opened += 1
            home = f"inc-{opened}"
            unfinished = {home: Unfinished(namespaces_of(signal), now), **unfinished}
        assert home in unfinished
        knowing.setdefault(fingerprint, set()).add(home)
        unfinished[home] = Unfinished(unfinished[home].namespaces, now)
        again = home_of(signal, unfinished, knowing[fingerprint], neighbours)
        assert again is not None  # the same alert, at once: no second incident


@given(st.lists(st.tuples(st.sampled_from(NAMES[1:]), st.integers(0, 50)), min_size=1, max_size=100))
def test_many_alerts_at_once_are_as_few_incidents_as_namespaces(alerts: list[tuple[str, int]]) -> None:
    unfinished: dict[str, Unfinished] = {}
    for number, (namespace, name) in enumerate(alerts):
        signal = Signal(
            id=str(number), kind="alert", title="t", labels={"namespace": namespace},
            fingerprint=f"{namespace}-{name}", starts_at=0.0, received_at=float(number % 60),
        )  # fmt: skip
        if home_of(signal, unfinished, ()) is None:
            unfinished = {f"inc-{number}": Unfinished((namespace,), signal.received_at), **unfinished}
    assert len(unfinished) == len({namespace for namespace, _ in alerts})
