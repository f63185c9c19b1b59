"""What pods look names up with."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.lab.traffic.network.resolver import NODE_SERVER, Resolver, resolver_of

DNS = "10.96.0.10"
NAMES = st.from_regex(r"[a-z]{1,6}(\.[a-z]{1,6}){0,6}\.?", fullmatch=True)


def resolver(**spec: Any) -> Resolver:
    return resolver_of({"spec": spec}, "shop", DNS)


def test_pods_ask_the_cluster_and_search_their_own_namespace_first() -> None:
    assert resolver() == resolver(dnsPolicy="ClusterFirst")
    assert resolver() == Resolver((DNS,), ("shop.svc.cluster.local", "svc.cluster.local", "cluster.local"), 5)


@pytest.mark.parametrize("spec", [{"dnsPolicy": "Default"}, {"hostNetwork": True}])
def test_others_ask_the_node(spec: dict[str, Any]) -> None:
    assert resolver(**spec) == Resolver((NODE_SERVER,))


def test_a_pod_of_the_host_may_ask_the_cluster() -> None:
    assert resolver(hostNetwork=True, dnsPolicy="ClusterFirstWithHostNet") == resolver()


def test_without_a_policy_only_its_own_configuration_counts() -> None:
    config = {"nameservers": ["1.1.1.1"], "searches": ["shop.svc.cluster.local."], "options": [{"name": "ndots"}]}
    assert resolver(dnsPolicy="None", dnsConfig=config) == Resolver(("1.1.1.1",), ("shop.svc.cluster.local",))


def test_a_configuration_adds_to_a_policy() -> None:
    config = {
        "nameservers": [DNS, "1.1.1.1"],
        "searches": ["example.com"],
        "options": [{"name": "ndots", "value": "2"}],
    }
    found = resolver(dnsConfig=config)
    assert found.servers == (DNS, "1.1.1.1")
    assert found.search[-1] == "example.com"
    assert found.ndots == 2


@given(NAMES)
def test_every_name_is_tried_as_it_is(name: str) -> None:
    assert name.rstrip(".") in list(resolver().tried(name))


@given(NAMES)
def test_a_complete_name_is_tried_first_and_an_absolute_one_alone(name: str) -> None:
    tried = list(Resolver((DNS,), ("a.example",), ndots=2).tried(name))
    if name.endswith("."):
        assert tried == [name.rstrip(".")]
    else:
        assert tried[0 if name.count(".") >= 2 else -1] == name
        assert len(tried) == 2
