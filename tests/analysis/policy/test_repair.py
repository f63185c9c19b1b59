from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from aiops.analysis.policy.network import Endpoint, Policies
from aiops.analysis.policy.repair import OUTSIDE, Connection, smallest_edits

NAMESPACES: dict[str, dict[str, str]] = {"shop": {}, "gate": {}}


def _pod(name: str, namespace: str = "shop", port: int = 8080) -> Endpoint:
    return Endpoint(namespace, name, {"app": name}, "", {("http", "TCP"): port})


WEB, CART, STOCK, GATE = _pod("web"), _pod("cart"), _pod("stock"), _pod("gate", "gate")
EVERYBODY = [WEB, CART, STOCK, GATE]


def _policy(name: str, spec: dict[str, Any], namespace: str = "shop") -> dict[str, Any]:
    return {"kind": "NetworkPolicy", "metadata": {"namespace": namespace, "name": name}, "spec": spec}


def _wanted(source: Endpoint, target: Endpoint, port: int = 8080) -> Connection:
    return Connection(source, source.labels, target, target.labels, port)


def _from(*names: str) -> list[dict[str, Any]]:
    return [{"podSelector": {"matchLabels": {"app": name}}} for name in names]


def _after(policies: list[dict[str, Any]], edits: Any) -> list[dict[str, Any]]:
    edited = {(e.policy.namespace, e.policy.name): e.spec for e in edits}
    kept = [p for p in policies if (p["metadata"]["namespace"], p["metadata"]["name"]) not in edited]
    return kept + [_policy(name, spec, namespace) for (namespace, name), spec in edited.items()]


def test_an_allowed_connection_needs_no_edit() -> None:
    assert smallest_edits([], NAMESPACES, EVERYBODY, _wanted(WEB, CART)) == ()


def test_a_missing_peer_is_added_to_the_rule_that_has_the_port() -> None:
    spec = {
        "podSelector": {"matchLabels": {"app": "cart"}},
        "ingress": [{"from": _from("stock"), "ports": [{"port": 8080}]}],
    }
    edits = smallest_edits([_policy("p", spec)], NAMESPACES, EVERYBODY, _wanted(WEB, CART))
    assert edits is not None
    assert [(e.path, e.what) for e in edits] == [("spec.ingress[0].from", "one more peer")]
    assert edits[0].spec["ingress"][0]["from"] == _from("stock", "web")
    assert len(spec["ingress"][0]["from"]) == 1, "the original must not change"


def test_a_missing_port_is_added_to_the_rule_that_has_the_peer() -> None:
    spec = {
        "podSelector": {"matchLabels": {"app": "cart"}},
        "ingress": [{"from": _from("web"), "ports": [{"port": 9}]}],
    }
    edits = smallest_edits([_policy("p", spec)], NAMESPACES, EVERYBODY, _wanted(WEB, CART))
    assert edits is not None
    assert [e.path for e in edits] == ["spec.ingress[0].ports"]
    assert edits[0].spec["ingress"][0]["ports"] == [{"port": 9}, {"port": 8080, "protocol": "TCP"}]


def test_a_peer_is_not_added_to_a_rule_that_has_other_ports_too() -> None:
    rule = {"from": _from("stock"), "ports": [{"port": 8080}, {"port": 1}]}
    spec = {"podSelector": {"matchLabels": {"app": "cart"}}, "ingress": [rule]}
    edits = smallest_edits([_policy("p", spec)], NAMESPACES, EVERYBODY, _wanted(WEB, CART))
    assert edits is not None
    assert [e.what for e in edits] == ["one more rule"]


def test_another_namespace_is_named_in_the_peer() -> None:
    spec = {"podSelector": {"matchLabels": {"app": "web"}}, "ingress": []}
    edits = smallest_edits([_policy("p", spec)], NAMESPACES, EVERYBODY, _wanted(GATE, WEB))
    assert edits is not None
    peer = edits[0].spec["ingress"][0]["from"][0]
    assert peer["namespaceSelector"] == {"matchLabels": {"kubernetes.io/metadata.name": "gate"}}


def test_a_policy_for_all_pods_is_left_alone_and_a_new_one_made() -> None:
    edits = smallest_edits([_policy("deny", {"podSelector": {}})], NAMESPACES, EVERYBODY, _wanted(WEB, CART))
    assert edits is not None
    assert [(e.created, e.policy.name) for e in edits] == [(True, "allow-web-to-cart")]


def test_both_directions_are_opened_where_both_are_shut() -> None:
    shut = {"podSelector": {"matchLabels": {"app": "cart"}}, "ingress": []}
    caged = {"podSelector": {"matchLabels": {"app": "web"}}, "policyTypes": ["Egress"], "egress": []}
    policies = [_policy("shut", shut), _policy("caged", caged)]
    edits = smallest_edits(policies, NAMESPACES, EVERYBODY, _wanted(WEB, CART))
    assert edits is not None
    assert [e.policy.name for e in edits] == ["caged", "shut"]
    assert Policies(_after(policies, edits), NAMESPACES).decide(WEB, CART, 8080).allowed


PEERS = st.sampled_from([_from("stock"), _from("web", "cart")])
PORTS = st.sampled_from([[{"port": 8080}], [{"port": 1}]])
SPECS = st.fixed_dictionaries(
    {
        "podSelector": st.sampled_from([{}, *({"matchLabels": {"app": n}} for n in ("web", "cart", "stock"))]),
        "policyTypes": st.sampled_from([["Ingress"], ["Egress"], ["Ingress", "Egress"]]),
        "ingress": st.lists(st.fixed_dictionaries({}, optional={"from": PEERS, "ports": PORTS}), max_size=2),
        "egress": st.lists(st.fixed_dictionaries({}, optional={"to": PEERS}), max_size=1),
    }
)


@settings(max_examples=150)
@given(st.lists(SPECS, max_size=3), st.sampled_from([(WEB, CART), (CART, STOCK), (GATE, WEB)]))
def test_an_edit_opens_what_is_wanted_and_nothing_else(specs: list[Any], ends: tuple[Endpoint, Endpoint]) -> None:
    policies = [_policy(f"p{i}", spec) for i, spec in enumerate(specs)]
    edits = smallest_edits(policies, NAMESPACES, EVERYBODY, _wanted(*ends))
    if edits is None:
        return
    old, new = Policies(policies, NAMESPACES), Policies(_after(policies, edits), NAMESPACES)
    assert new.decide(*ends, 8080).allowed
    for source in [*EVERYBODY, OUTSIDE]:
        for target in [*EVERYBODY, OUTSIDE]:
            for port in (8080, 1):
                if (source, target, port) != (*ends, 8080):
                    expected = old.decide(source, target, port).allowed
                    assert new.decide(source, target, port).allowed == expected
