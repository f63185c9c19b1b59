"""Where packets suffer, told from who fails to reach whom."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from aiops.analysis.calls.machines import outstanding_node
from aiops.analysis.calls.places import Leg, locate
from aiops.core.entity import Entity

NODES = ("n1", "n2", "n3")
SERVERS = {"geo": ("n1", "n2"), "rate": ("n1", "n3"), "user": ("n2", "n3")}
STORES = {"geo": "n3", "rate": "n1", "user": "n2"}


def workload(name: str) -> Entity:
    return Entity(kind="Deployment", namespace="shop", name=name)


def service(name: str) -> Entity:
    return Entity(kind="Service", namespace="shop", name=name)


Suffers = Callable[[str, str, str, str], float]
"""Trouble of calls from a caller on a node to a Service's pod on another node."""


def legs(suffers: Suffers, rename: Callable[[str], str] = lambda name: name) -> list[Leg]:
    """A front on two nodes, three servers on two nodes each, and a store for each."""
    calls: list[tuple[str, str, str, tuple[str, ...]]]
    calls = [("web", node, name, where) for node in ("n1", "n2") for name, where in SERVERS.items()]
    calls += [(name, node, f"{name}-db", (STORES[name],)) for name, nodes in SERVERS.items() for node in nodes]
    found = []
    for caller, node, target, where in calls:
        trouble = sum(suffers(caller, node, target, other) for other in where) / len(where)
        shares = {rename(other): 1 / len(where) for other in where}
        callees = (workload(rename(target)),)
        found.append(
            Leg(workload(rename(caller)), rename(node), service(rename(target)), callees, shares, trouble, True)
        )
    return found


def test_nothing_suffers() -> None:
    assert locate(legs(lambda *_: 0.0)) is None
    assert locate([]) is None


def test_a_node() -> None:
    place = locate(legs(lambda caller, node, target, other: 0.8 * ((node == "n3") != (other == "n3"))))
    assert place is not None
    assert place.nodes == ("n3",)
    assert place.explains > 0.8


def test_a_pair_of_nodes() -> None:
    place = locate(legs(lambda caller, node, target, other: float({node, other} == {"n2", "n3"})))
    assert place is not None
    assert place.nodes == ("n2", "n3")


def test_one_edge() -> None:
    place = locate(legs(lambda caller, node, target, other: 0.4 * (target == "user-db")))
    assert place is not None
    assert (place.nodes, place.caller, place.service) == ((), workload("user"), service("user-db"))


def test_who_waits_for_a_victim_is_one_himself() -> None:
    def suffers(caller: str, node: str, target: str, other: str) -> float:
        return {"user-db": 1.0, "user": 0.6}.get(target, 0.0)

    place = locate(legs(suffers))
    assert place is not None
    assert place.service == service("user-db")


def test_what_a_service_does_to_all_its_callers_is_its_own() -> None:
    shared = [
        Leg(workload(name), node, service("db"), (workload("db"),), {"n1": 1.0}, 0.9, True)
        for name in ("a", "b")
        for node in ("n2", "n3")
    ]
    well = [Leg(workload("a"), "n2", service("c"), (workload("c"),), {"n1": 1.0}, 0.0, False)]
    assert locate([*shared, *well]) is None


@given(st.sampled_from(NODES), st.permutations(sorted({*NODES, "web", *SERVERS, *(f"{n}-db" for n in SERVERS)})))
def test_names_and_order_do_not_matter(node: str, names: list[str]) -> None:
    known = sorted(names)
    given_name = dict(zip(known, names, strict=True))

    def suffers(caller: str, here: str, target: str, other: str) -> float:
        return 0.7 * ((here == node) != (other == node))

    plain, renamed = locate(legs(suffers)), locate(list(reversed(legs(suffers, given_name.__getitem__))))
    assert (plain is None) == (renamed is None)
    if plain is not None and renamed is not None:
        assert sorted(given_name[one] for one in plain.nodes) == sorted(renamed.nodes)
        assert abs(plain.explains - renamed.explains) < 1e-9


def test_a_node_that_stands_out_by_its_own_figures_and_touches_all_trouble() -> None:
    def uneven(caller: str, node: str, target: str, other: str) -> float:
        return float((node == "n3") != (other == "n3")) * (0.9 if target in ("geo-db", "rate") else 0.1)

    resent = {"n1": 0.02, "n2": 0.01, "n3": 0.06}
    place = outstanding_node(legs(uneven), resent)
    assert place is not None
    assert (place.nodes, place.explains) == (("n3",), 1.0)
    assert outstanding_node(legs(uneven), {**resent, "n1": 0.05}) is None, "no node stands out"
    assert outstanding_node(legs(uneven), {"n1": 0.0, "n3": 0.06}) is None, "of two both send again"
    assert outstanding_node(legs(uneven), {"n1": 0.06, "n2": 0.0, "n3": 0.0}) is None, (
        "trouble has nothing to do with it"
    )
    alone = legs(lambda caller, node, target, other: float(caller == "geo" and target == "geo-db"))
    assert outstanding_node(alone, {"n1": 0.0, "n2": 0.0, "n3": 0.1}) is None, "one edge is no matter of a node"
