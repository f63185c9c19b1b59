"""Egress by NetworkPolicies, against the lab's own network."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.faults.kit.egress import egress_allowed, selects
from aiops.lab.traffic.network.policies import NetworkPolicies, Peer

SPACE = {"kubernetes.io/metadata.name": "shop"}
LABELS = ({"app": "web"}, {"app": "cart"}, {"app": "cart", "tier": "back"}, {})
EXPRESSIONS = st.one_of(
    st.fixed_dictionaries(
        {
            "key": st.sampled_from(("app", "tier")),
            "operator": st.sampled_from(("In", "NotIn")),
            "values": st.lists(st.sampled_from(("web", "cart", "back")), min_size=1, max_size=2, unique=True),
        }
    ),
    st.fixed_dictionaries(
        {"key": st.sampled_from(("app", "tier")), "operator": st.sampled_from(("Exists", "DoesNotExist"))}
    ),
)
SELECTORS = st.fixed_dictionaries(
    {}, optional={"matchLabels": st.sampled_from(LABELS), "matchExpressions": st.lists(EXPRESSIONS, max_size=2)}
)
SPACES = st.sampled_from(({}, {"matchLabels": SPACE}, {"matchLabels": {"kubernetes.io/metadata.name": "other"}}))
BLOCKS = st.sampled_from(
    (
        {"cidr": "10.244.0.0/16"},
        {"cidr": "10.244.0.0/16", "except": ["10.244.0.0/24"]},
        {"cidr": "192.0.2.0/24"},
    )
)
PEERS = st.one_of(
    st.fixed_dictionaries({"podSelector": SELECTORS}),
    st.fixed_dictionaries({"namespaceSelector": SPACES}),
    st.fixed_dictionaries({"podSelector": SELECTORS, "namespaceSelector": SPACES}),
    st.fixed_dictionaries({"ipBlock": BLOCKS}),
)
PORTS = st.sampled_from(
    (
        {"port": 8080},
        {"port": "http"},
        {"port": "other"},
        {"port": 8000, "endPort": 8100},
        {"port": 8080, "protocol": "UDP"},
        {"protocol": "TCP"},
    )
)
POLICIES = st.builds(
    lambda selector, rules, types: {
        "kind": "NetworkPolicy",
        "metadata": {"name": "p", "namespace": "shop"},
        "spec": {"podSelector": selector, "policyTypes": types, "egress": rules},
    },
    SELECTORS,
    st.lists(
        st.fixed_dictionaries({}, optional={"to": st.lists(PEERS, max_size=2), "ports": st.lists(PORTS, max_size=2)}),
        max_size=2,
    ),
    st.sampled_from((["Egress"], ["Ingress", "Egress"])),
)


def pod(labels: dict[str, str]) -> dict[str, Any]:
    ports = [{"name": "http", "containerPort": 8080}]
    metadata = {"name": "cart-1", "namespace": "shop", "labels": labels}
    return {"metadata": metadata, "spec": {"containers": [{"ports": ports}]}, "status": {"podIP": "10.244.0.7"}}


@given(policies=st.lists(POLICIES, max_size=3), source=st.sampled_from(LABELS), target=st.sampled_from(LABELS))
def test_the_answer_is_that_of_the_network(
    policies: list[dict[str, Any]], source: dict[str, str], target: dict[str, str]
) -> None:
    for policy in policies:  # ingress is no matter here
        policy["spec"]["policyTypes"] = ["Egress"]

    def peer(name: str, labels: dict[str, str], address: str) -> Peer:
        return Peer("shop", name, address, "node-1", tuple(sorted(labels.items())), (("http", 8080),))

    network = NetworkPolicies(policies, {"shop": SPACE})
    expected = network.allows(peer("web-1", source, "10.244.0.6"), peer("cart-1", target, "10.244.0.7"), 8080)
    assert egress_allowed(policies, source, pod(target), 8080, SPACE) is expected


@pytest.mark.parametrize(("selector", "selected"), [(None, True), ({}, True), ({"matchLabels": {"app": "x"}}, False)])
def test_an_empty_selector_selects_everything(selector: dict[str, Any] | None, selected: bool) -> None:
    assert selects(selector, {"app": "web"}) is selected
