from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiops.analysis.policy.network import Endpoint, Policies, endpoint, policy_types

NAMESPACES = {"shop": {"team": "a"}, "gate": {"team": "b"}}
WEB = Endpoint("shop", "web", {"app": "web"}, "10.0.0.1", {("http", "TCP"): 8080})
CART = Endpoint("shop", "cart", {"app": "cart"}, "10.0.0.2", {("http", "TCP"): 8081, ("dns", "UDP"): 53})
GATE = Endpoint("gate", "gate", {"app": "gate"}, "10.0.1.1", {("http", "TCP"): 80})
WORLD = Endpoint("", "world", ip="198.51.100.7")
EVERYBODY = (WEB, CART, GATE, WORLD)


def _policy(name: str = "p", namespace: str = "shop", **spec: Any) -> dict[str, Any]:
    return {"kind": "NetworkPolicy", "metadata": {"namespace": namespace, "name": name}, "spec": spec}


def _only(app: str) -> dict[str, Any]:
    return {"matchLabels": {"app": app}}


def test_without_policies_everything_is_allowed() -> None:
    world = Policies([], NAMESPACES)
    assert all(world.decide(a, b, 80).allowed for a in EVERYBODY for b in EVERYBODY)


def test_a_selected_pod_is_isolated_and_the_policy_named() -> None:
    world = Policies([_policy("deny", podSelector=_only("cart"))], NAMESPACES)
    decision = world.decide(WEB, CART, 8081)
    assert not decision.allowed
    assert decision.direction == "Ingress"
    assert [str(e) for e in decision.blocking] == ["NetworkPolicy/shop/deny"]
    assert world.decide(CART, WEB, 8080).allowed


def test_several_policies_add_up() -> None:
    deny = _policy("deny", podSelector={})
    allow = _policy("allow", podSelector=_only("cart"), ingress=[{"from": [{"podSelector": _only("web")}]}])
    world = Policies([deny, allow], NAMESPACES)
    assert world.decide(WEB, CART, 8081).allowed
    assert not world.decide(GATE, CART, 8081).allowed


@pytest.mark.parametrize(
    ("peer", "source", "allowed"),
    [
        ({"podSelector": _only("gate")}, GATE, False),  # another namespace
        ({"namespaceSelector": {"matchLabels": {"team": "b"}}}, GATE, True),
        ({"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "gate"}}}, GATE, True),
        ({"namespaceSelector": {}, "podSelector": _only("web")}, GATE, False),
        ({"namespaceSelector": {}, "podSelector": _only("gate")}, GATE, True),
        ({"ipBlock": {"cidr": "198.51.100.0/24"}}, WORLD, True),
        ({"ipBlock": {"cidr": "198.51.100.0/24", "except": ["198.51.100.0/28"]}}, WORLD, False),
        ({"namespaceSelector": {}}, WORLD, False),
    ],
)
def test_peers(peer: dict[str, Any], source: Endpoint, allowed: bool) -> None:
    world = Policies([_policy(podSelector=_only("cart"), ingress=[{"from": [peer]}])], NAMESPACES)
    assert world.decide(source, CART, 8081).allowed is allowed


@pytest.mark.parametrize(
    ("ports", "port", "protocol", "allowed"),
    [
        ([{"port": 8081}], 8081, "TCP", True),
        ([{"port": 8081}], 8082, "TCP", False),
        ([{"port": 8081}], 8081, "UDP", False),
        ([{"port": "http"}], 8081, "TCP", True),
        ([{"port": "http"}], 8080, "TCP", False),
        ([{"port": "dns", "protocol": "UDP"}], 53, "UDP", True),
        ([{"port": 8000, "endPort": 8100}], 8081, "TCP", True),
        ([{"port": 8000, "endPort": 8080}], 8081, "TCP", False),
        ([{"protocol": "UDP"}], 53, "UDP", True),
        ([], 1, "TCP", True),
    ],
)
def test_ports(ports: list[dict[str, Any]], port: int, protocol: str, allowed: bool) -> None:
    world = Policies([_policy(podSelector=_only("cart"), ingress=[{"ports": ports}])], NAMESPACES)
    assert world.decide(WEB, CART, port, protocol).allowed is allowed


def test_egress_resolves_a_port_name_at_the_target() -> None:
    rule = {"to": [{"podSelector": _only("cart")}], "ports": [{"port": "http"}]}
    world = Policies([_policy(podSelector=_only("web"), policyTypes=["Egress"], egress=[rule])], NAMESPACES)
    assert world.decide(WEB, CART, 8081).allowed
    decision = world.decide(WEB, CART, 8080)
    assert (decision.allowed, decision.direction) == (False, "Egress")


def test_a_pod_may_always_reach_itself() -> None:
    world = Policies([_policy(podSelector={}, policyTypes=["Ingress", "Egress"])], NAMESPACES)
    assert world.decide(CART, CART, 8081).allowed


def test_the_default_of_policy_types() -> None:
    assert policy_types({}) == ("Ingress",)
    assert policy_types({"egress": [{}]}) == ("Ingress", "Egress")
    assert policy_types({"policyTypes": ["Egress"]}) == ("Egress",)


def test_an_endpoint_of_a_raw_pod() -> None:
    pod = {
        "metadata": {"namespace": "shop", "name": "a", "labels": {"app": "a"}},
        "spec": {"containers": [{"ports": [{"name": "http", "containerPort": 80}, {"containerPort": 81}]}]},
        "status": {"podIP": "10.1.1.1"},
    }
    assert endpoint(pod) == Endpoint("shop", "a", {"app": "a"}, "10.1.1.1", {("http", "TCP"): 80})


# An oracle written the other way round: it lists everything that the policies allow and looks the connection up.

SELECTORS = st.sampled_from([{}, _only("web"), _only("cart"), _only("gate")])
PEERS = st.one_of(
    SELECTORS.map(lambda s: {"podSelector": s}),
    st.sampled_from([{}, {"matchLabels": {"team": "a"}}, {"matchLabels": {"team": "b"}}]).map(
        lambda s: {"namespaceSelector": s}
    ),
    st.tuples(SELECTORS, st.sampled_from([{}, {"matchLabels": {"team": "b"}}])).map(
        lambda p: {"podSelector": p[0], "namespaceSelector": p[1]}
    ),
    st.sampled_from(["10.0.0.0/24", "0.0.0.0/0"]).map(lambda c: {"ipBlock": {"cidr": c, "except": ["10.0.0.2/32"]}}),
)
PORTS = st.lists(st.sampled_from([{"port": 80}, {"port": "http"}, {"port": 8080, "endPort": 8081}]), max_size=2)


def _rules(peers: str) -> st.SearchStrategy[list[dict[str, Any]]]:
    rule = st.fixed_dictionaries({}, optional={peers: st.lists(PEERS, max_size=2), "ports": PORTS})
    return st.lists(rule, max_size=2)


POLICIES = st.lists(
    st.builds(
        lambda ns, selector, types, ingress, egress: (ns, selector, types, ingress, egress),
        st.sampled_from(["shop", "gate"]),
        SELECTORS,
        st.sampled_from([["Ingress"], ["Egress"], ["Ingress", "Egress"]]),
        _rules("from"),
        _rules("to"),
    ),
    max_size=4,
)


def _selects(selector: dict[str, Any], labels: Any) -> bool:
    return all(labels.get(k) == v for k, v in selector.get("matchLabels", {}).items())


def _holds(peer: dict[str, Any], home: str, other: Endpoint) -> bool:
    if "ipBlock" in peer:
        inside = other.ip.startswith("10.0.0.") or peer["ipBlock"]["cidr"] == "0.0.0.0/0"
        return inside and other.ip != "10.0.0.2"
    if other.namespace == "":
        return False
    if "namespaceSelector" in peer:
        if not _selects(peer["namespaceSelector"], NAMESPACES[other.namespace]):
            return False
    elif other.namespace != home:
        return False
    return _selects(peer.get("podSelector", {}), other.labels)


def _oracle(policies: list[Any], source: Endpoint, target: Endpoint, port: int) -> bool:
    if source is target and source.namespace:
        return True
    names = {number for (_, protocol), number in target.ports.items() if protocol == "TCP" and _ == "http"}
    for kind, me, other in (("Egress", source, target), ("Ingress", target, source)):
        mine = [p for p in policies if p[0] == me.namespace and kind in p[2] and _selects(p[1], me.labels)]
        rules = [(p[0], r) for p in mine for r in (p[3] if kind == "Ingress" else p[4])]
        let = False
        for home, rule in rules:
            peers = rule.get("from" if kind == "Ingress" else "to") or [None]
            ports = rule.get("ports") or [None]
            numbers = set()
            for p in ports:
                if p is None:
                    numbers.add(port)
                elif p["port"] == "http":
                    numbers |= names
                else:
                    numbers |= set(range(p["port"], p.get("endPort", p["port"]) + 1))
            if port in numbers and any(q is None or _holds(q, home, other) for q in peers):
                let = True
        if mine and not let:
            return False
    return True


@settings(max_examples=300)
@given(POLICIES)
def test_the_interpreter_agrees_with_the_oracle(policies: list[Any]) -> None:
    manifests = [
        _policy(f"p{i}", ns, podSelector=selector, policyTypes=types, ingress=ingress, egress=egress)
        for i, (ns, selector, types, ingress, egress) in enumerate(policies)
    ]
    world = Policies(manifests, NAMESPACES)
    for source in EVERYBODY:
        for target in EVERYBODY:
            for port in (80, 8080, 8081, 9):
                expected = _oracle(policies, source, target, port)
                assert world.decide(source, target, port).allowed == expected, (source.name, target.name, port)
