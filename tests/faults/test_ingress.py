"""Ingress by NetworkPolicies, against the lab's own network."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from aiops.faults.kit.ingress import ingress_allowed
from aiops.lab.traffic.network.policies import NetworkPolicies, Peer
from tests.faults.test_egress import LABELS, PEERS, PORTS, SELECTORS

SPACES = {"shop": {"kubernetes.io/metadata.name": "shop"}, "other": {"kubernetes.io/metadata.name": "other"}}
POLICIES = st.builds(
    lambda selector, rules: {
        "kind": "NetworkPolicy",
        "metadata": {"name": "p", "namespace": "shop"},
        "spec": {"podSelector": selector, "policyTypes": ["Ingress"], "ingress": rules},
    },
    SELECTORS,
    st.lists(
        st.fixed_dictionaries({}, optional={"from": st.lists(PEERS, max_size=2), "ports": st.lists(PORTS, max_size=2)}),
        max_size=2,
    ),
)


def pod(name: str, namespace: str, labels: dict[str, str]) -> dict[str, Any]:
    ports = [{"name": "http", "containerPort": 8080}]
    metadata = {"name": name, "namespace": namespace, "labels": labels}
    return {"metadata": metadata, "spec": {"containers": [{"ports": ports}]}, "status": {"podIP": "10.244.0.7"}}


def peer(manifest: dict[str, Any]) -> Peer:
    meta = manifest["metadata"]
    labels = tuple(meta["labels"].items())
    return Peer(meta["namespace"], meta["name"], "10.244.0.7", "node-1", labels, (("http", 8080),))


@given(
    policies=st.lists(POLICIES, max_size=3),
    source=st.sampled_from(LABELS),
    namespace=st.sampled_from(tuple(SPACES)),
    target=st.sampled_from(LABELS),
)
def test_the_answer_is_that_of_the_network(
    policies: list[dict[str, Any]], source: dict[str, str], namespace: str, target: dict[str, str]
) -> None:
    client, server = pod("web-1", namespace, source), pod("cart-1", "shop", target)
    expected = NetworkPolicies(policies, SPACES).allows(peer(client), peer(server), 8080)
    assert ingress_allowed(policies, server, 8080, client, SPACES[namespace]) == expected
