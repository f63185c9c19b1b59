from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.lab.traffic.network.policies import NetworkPolicies, Peer, selects

NAMESPACES = {"shop": {"team": "a"}, "edge": {"team": "b"}}
WEB = Peer("shop", "web-0", "10.0.0.1", "n1", (("app", "web"),))
API = Peer("shop", "api-0", "10.0.0.2", "n1", (("app", "api"), ("tier", "back")), (("http", 8080),))
GATE = Peer("edge", "gate-0", "10.0.1.1", "n2", (("app", "gate"),))


def _policy(spec: dict[str, Any], namespace: str = "shop") -> dict[str, Any]:
    return {"metadata": {"name": "p", "namespace": namespace}, "spec": spec}


def _allows(source: Peer, target: Peer, *specs: dict[str, Any], port: int = 8080, protocol: str = "TCP") -> bool:
    return NetworkPolicies([_policy(spec) for spec in specs], NAMESPACES).allows(source, target, port, protocol)


DENY = {"podSelector": {}, "policyTypes": ["Ingress"]}
FROM_WEB = {
    "podSelector": {"matchLabels": {"app": "api"}},
    "ingress": [{"from": [{"podSelector": {"matchLabels": {"app": "web"}}}]}],
}


def test_without_a_policy_everything_is_allowed() -> None:
    assert _allows(GATE, API)


def test_a_selected_pod_gets_only_what_is_allowed() -> None:
    assert not _allows(WEB, API, DENY)
    assert _allows(WEB, API, FROM_WEB)
    assert not _allows(GATE, API, FROM_WEB)
    assert _allows(API, WEB, FROM_WEB)


def test_policies_add_up() -> None:
    assert _allows(WEB, API, DENY, FROM_WEB)


def test_a_policy_counts_in_its_own_namespace_only() -> None:
    policies = NetworkPolicies([_policy(DENY, "edge")], NAMESPACES)
    assert policies.allows(WEB, API, 8080)
    assert not policies.allows(WEB, GATE, 80)


@pytest.mark.parametrize(
    ("peer", "allowed"),
    [
        ({"namespaceSelector": {"matchLabels": {"team": "b"}}}, True),
        ({"namespaceSelector": {}}, True),
        ({"namespaceSelector": {"matchLabels": {"team": "c"}}}, False),
        ({"namespaceSelector": {}, "podSelector": {"matchLabels": {"app": "web"}}}, False),
        ({"podSelector": {}}, False),
        ({"ipBlock": {"cidr": "10.0.1.0/24"}}, True),
        ({"ipBlock": {"cidr": "10.0.0.0/16", "except": ["10.0.1.0/24"]}}, False),
    ],
)
def test_peers_of_another_namespace(peer: dict[str, Any], allowed: bool) -> None:
    spec = {"podSelector": {}, "ingress": [{"from": [peer]}], "policyTypes": ["Ingress"]}
    assert _allows(GATE, API, spec) is allowed


@pytest.mark.parametrize(
    ("port", "allowed"),
    [
        ({"port": 8080}, True),
        ({"port": 9090}, False),
        ({"port": "http"}, True),
        ({"port": "metrics"}, False),
        ({"port": 8000, "endPort": 8100}, True),
        ({"port": 8081, "endPort": 8100}, False),
        ({"port": 8080, "protocol": "UDP"}, False),
        ({}, True),
    ],
)
def test_ports(port: dict[str, Any], allowed: bool) -> None:
    assert _allows(WEB, API, {"podSelector": {}, "ingress": [{"ports": [port]}]}) is allowed


def test_egress_is_checked_at_the_client() -> None:
    only_names = {
        "podSelector": {"matchLabels": {"app": "web"}},
        "policyTypes": ["Egress"],
        "egress": [{"ports": [{"port": 53, "protocol": "UDP"}]}],
    }
    assert not _allows(WEB, API, only_names)
    assert _allows(WEB, API, only_names, port=53, protocol="UDP")
    assert _allows(API, WEB, only_names)


def test_egress_rules_make_an_egress_policy_and_an_empty_section_does_not() -> None:
    """As the API server's default for `policyTypes`."""
    nowhere = {"to": [{"podSelector": {"matchLabels": {"app": "nothing"}}}]}
    assert not _allows(WEB, API, {"podSelector": {}, "egress": [nowhere], "ingress": [{}]})
    assert _allows(WEB, API, {"podSelector": {}, "egress": [], "ingress": [{}]})


def test_a_pod_always_reaches_itself() -> None:
    assert _allows(API, API, DENY)


@pytest.mark.parametrize(
    ("expression", "chosen"),
    [
        ({"key": "app", "operator": "In", "values": ["web", "api"]}, True),
        ({"key": "app", "operator": "NotIn", "values": ["api"]}, False),
        ({"key": "gone", "operator": "NotIn", "values": ["api"]}, True),
        ({"key": "app", "operator": "Exists"}, True),
        ({"key": "app", "operator": "DoesNotExist"}, False),
        ({"key": "gone", "operator": "DoesNotExist"}, True),
    ],
)
def test_expressions(expression: dict[str, Any], chosen: bool) -> None:
    assert selects({"matchExpressions": [expression]}, {"app": "api"}) is chosen


_labels = st.dictionaries(st.sampled_from("abc"), st.sampled_from("xyz"))


@given(_labels, _labels)
def test_labels_select_themselves_and_their_supersets(wanted: dict[str, str], more: dict[str, str]) -> None:
    assert selects({"matchLabels": wanted}, {**more, **wanted})
    assert selects({"matchLabels": wanted}, more) is (wanted.items() <= more.items())


@given(st.lists(st.sampled_from([DENY, FROM_WEB]), max_size=3))
def test_one_more_allowance_never_takes_anything_away(specs: list[dict[str, Any]]) -> None:
    everything = {"podSelector": {}, "policyTypes": ["Ingress"], "ingress": [{}]}
    for source in (WEB, GATE):
        assert _allows(source, API, *specs, everything)
