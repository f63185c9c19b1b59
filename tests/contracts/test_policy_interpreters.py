"""The lab's NetworkPolicies and the assistant's share no code; they must say the same of every connection."""

from __future__ import annotations

from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from aiops.analysis.policy.network import Endpoint, Policies
from aiops.lab.traffic.network.policies import NetworkPolicies, Peer

NAME = "kubernetes.io/metadata.name"
NAMESPACES = {"shop": {NAME: "shop", "team": "a"}, "edge": {NAME: "edge", "team": "b"}}
PORTS = {"http": 80, "admin": 81}


def _pairs(keys: tuple[str, ...], values: tuple[str, ...]) -> st.SearchStrategy[dict[str, str]]:
    return st.dictionaries(st.sampled_from(keys), st.sampled_from(values), max_size=2)


def _expressions(keys: tuple[str, ...], values: tuple[str, ...]) -> st.SearchStrategy[list[dict[str, Any]]]:
    key = st.sampled_from(keys)
    listed = st.lists(st.sampled_from(values), min_size=1, max_size=2)
    with_values = st.fixed_dictionaries({"key": key, "operator": st.sampled_from(["In", "NotIn"]), "values": listed})
    bare = st.fixed_dictionaries({"key": key, "operator": st.sampled_from(["Exists", "DoesNotExist"])})
    return st.lists(with_values | bare, max_size=2)


def _selectors(keys: tuple[str, ...], values: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {}, optional={"matchLabels": _pairs(keys, values), "matchExpressions": _expressions(keys, values)}
    )


POD_LABELS = (("app", "tier"), ("web", "api"))
PODS = _selectors(*POD_LABELS)
SPACES = _selectors(("team", NAME), ("a", "b", "shop", "edge"))
BLOCKS = st.fixed_dictionaries(
    {"cidr": st.sampled_from(["0.0.0.0/0", "10.0.0.0/30", "10.0.1.0/24"])},
    optional={"except": st.lists(st.sampled_from(["10.0.0.1/32", "10.0.1.0/30"]), max_size=2)},
)
PEERS = (
    st.fixed_dictionaries({"podSelector": PODS})
    | st.fixed_dictionaries({"namespaceSelector": SPACES}, optional={"podSelector": PODS})
    | st.fixed_dictionaries({"ipBlock": BLOCKS})
)
ENTRIES = st.fixed_dictionaries({}, optional={"protocol": st.sampled_from(["TCP", "UDP"])}) | st.one_of(
    st.fixed_dictionaries(
        {"port": st.sampled_from(["http", "admin", 80, 443])}, optional={"protocol": st.sampled_from(["TCP", "UDP"])}
    ),
    st.fixed_dictionaries({"port": st.just(79), "endPort": st.sampled_from([79, 80, 100])}),
)


def _rules(peers: str) -> st.SearchStrategy[list[dict[str, Any]]]:
    rule = st.fixed_dictionaries(
        {}, optional={peers: st.lists(PEERS, max_size=2), "ports": st.lists(ENTRIES, max_size=2)}
    )
    return st.lists(rule, max_size=2)


SPECS = st.fixed_dictionaries(
    {"podSelector": PODS},
    optional={
        "policyTypes": st.lists(st.sampled_from(["Ingress", "Egress"]), unique=True),
        "ingress": _rules("from"),
        "egress": _rules("to"),
    },
)
POLICIES = st.lists(st.tuples(st.sampled_from(sorted(NAMESPACES)), SPECS), max_size=3)
WHERE = st.tuples(
    st.sampled_from(sorted(NAMESPACES)),
    st.sampled_from(["10.0.0.1", "10.0.0.9", "10.0.1.2", "10.0.1.9"]),
    _pairs(*POD_LABELS),
)
Place = tuple[str, str, dict[str, str]]


@settings(max_examples=400, deadline=None)
@given(POLICIES, WHERE, WHERE, st.sampled_from([80, 81, 443]))
@example([("shop", {"podSelector": {}, "egress": []})], ("shop", "10.0.0.1", {}), ("edge", "10.0.1.2", {}), 80)
def test_both_interpreters_agree(
    drawn: list[tuple[str, dict[str, Any]]], source: Place, target: Place, port: int
) -> None:
    policies = [
        {"metadata": {"name": f"p{number}", "namespace": namespace}, "spec": spec}
        for number, (namespace, spec) in enumerate(drawn)
    ]
    of_the_lab = NetworkPolicies(policies, NAMESPACES).allows(_peer("a", source), _peer("b", target), port)
    ours = Policies(policies, NAMESPACES).decide(_endpoint("a", source), _endpoint("b", target), port)
    assert of_the_lab == ours.allowed


def _peer(name: str, place: Place) -> Peer:
    namespace, address, labels = place
    return Peer(namespace, name, address, "node-1", tuple(labels.items()), tuple(PORTS.items()))


def _endpoint(name: str, place: Place) -> Endpoint:
    namespace, address, labels = place
    ports = {(port_name, "TCP"): number for port_name, number in PORTS.items()}
    return Endpoint(namespace, name, labels, address, ports)
