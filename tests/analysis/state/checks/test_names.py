"""Checks of names: who answers for them, what is answered, whom pods ask."""

from __future__ import annotations

from typing import Any

import pytest

from aiops.analysis.state.cluster import ObservedCall
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism

WEB = Entity(kind="Deployment", namespace="shop", name="web")
USUAL = ".:53 {\n    kubernetes cluster.local in-addr.arpa\n    forward . /etc/resolv.conf\n}\n"


def failing(error: str = "name_not_resolved", host: str = "cart") -> ObservedCall:
    return ObservedCall(WEB, host, 80, 0.9, error, worked=True, protocol="http")


@pytest.fixture
def named(shop: Any) -> Any:
    """The shop with a DNS of its cluster."""
    objects = shop.application("coredns", 53, {})
    for item in objects:
        item["metadata"]["namespace"] = "kube-system"
    deployment, service = objects[0], objects[2]
    service["spec"] |= {"ports": [{"name": "dns", "port": 53, "protocol": "UDP"}], "clusterIP": "10.96.0.10"}
    volume = {"name": "config", "configMap": {"name": "coredns"}}
    deployment["spec"]["template"]["spec"]["volumes"] = [volume]
    meta = {"namespace": "kube-system", "name": "coredns"}
    shop.objects += [*objects, {"kind": "ConfigMap", "metadata": meta, "data": {"Corefile": USUAL}}]
    return shop


def blamed(shop: Any, check: str) -> list[tuple[str, Mechanism, str | None]]:
    return [(str(h.subject), h.mechanism, h.field) for f in shop.find(check) for h in f.suggests]


def test_nobody_answers_for_names(named: Any) -> None:
    named.get("Deployment", "coredns")["spec"]["replicas"] = 0
    named.objects = [o for o in named.objects if o["metadata"]["name"] != "coredns-1-a"]
    named.calls = [failing()]
    assert blamed(named, "dns-servers") == [
        ("Deployment/kube-system/coredns", Mechanism.DNS_UNAVAILABLE, "spec.replicas")
    ]


def test_one_caller_without_an_address_is_no_trouble_of_the_servers(named: Any) -> None:
    named.calls = [failing()]
    assert blamed(named, "dns-servers") == []


@pytest.mark.parametrize(
    ("corefile", "found"),
    [
        (USUAL, 0),
        (USUAL.replace("forward", "rewrite name cart.shop.svc.cluster.local old.example.com\n    forward"), 1),
        (USUAL.replace("forward", "rewrite name geo.shop.svc.cluster.local old.example.com\n    forward"), 0),
        (USUAL.replace("cluster.local ", "other.local "), 1),
    ],
)
def test_what_the_corefile_makes_of_a_name(named: Any, corefile: str, found: int) -> None:
    named.get("ConfigMap", "coredns")["data"]["Corefile"] = corefile
    named.calls = [failing()]
    expected = ("ConfigMap/kube-system/coredns", Mechanism.DNS_WRONG_ANSWER, "data.Corefile")
    assert blamed(named, "dns-answers") == [expected] * found


def test_a_rule_of_the_corefile_without_failing_calls_is_nobodys_trouble(named: Any) -> None:
    text = USUAL.replace("forward", "rewrite name cart.shop.svc.cluster.local old.example.com\n    forward")
    named.get("ConfigMap", "coredns")["data"]["Corefile"] = text
    assert blamed(named, "dns-answers") == []
    named.calls = [failing("500")]
    assert blamed(named, "dns-answers") == []


@pytest.mark.parametrize(
    ("spec", "field"),
    [
        ({"dnsPolicy": "Default"}, "dnsPolicy"),
        ({"dnsPolicy": "ClusterFirst", "hostNetwork": True}, "dnsPolicy"),
        ({"dnsPolicy": "None", "dnsConfig": {"nameservers": ["9.9.9.9"]}}, "dnsConfig"),
        ({"dnsPolicy": "None", "dnsConfig": {"nameservers": ["10.96.0.10"], "searches": ["example.com"]}}, "dnsConfig"),
        ({"dnsConfig": {"options": [{"name": "ndots", "value": "1"}]}}, "dnsConfig"),
        ({"dnsPolicy": "ClusterFirst"}, None),
    ],
)
def test_whom_pods_ask(named: Any, spec: dict[str, Any], field: str | None) -> None:
    named.get("Deployment", "web")["spec"]["template"]["spec"] |= spec
    assert blamed(named, "dns-policy") == []
    named.calls = [failing()]
    expected = [("Deployment/shop/web", Mechanism.DNS_POLICY, f"spec.template.spec.{field}")] if field else []
    assert blamed(named, "dns-policy") == expected


def test_an_own_list_of_hosts(named: Any) -> None:
    aliases = [{"ip": "10.9.9.9", "hostnames": ["cart"]}]
    named.get("Deployment", "web")["spec"]["template"]["spec"]["hostAliases"] = aliases
    named.calls = [failing("timeout")]
    assert blamed(named, "dns-policy") == [
        ("Deployment/shop/web", Mechanism.DNS_POLICY, "spec.template.spec.hostAliases")
    ]


def test_a_service_that_is_only_another_name(named: Any) -> None:
    named.get("Service", "cart")["spec"] = {"type": "ExternalName", "externalName": "cart.old.svc.cluster.local"}
    assert blamed(named, "external-name") == []
    named.calls = [failing()]
    assert blamed(named, "external-name") == [("Service/shop/cart", Mechanism.DNS_WRONG_ANSWER, "spec.externalName")]


def test_a_policy_that_keeps_questions_for_names_in(named: Any) -> None:
    ports = [{"port": 8081, "protocol": "TCP"}]
    spec = {"podSelector": {"matchLabels": {"app": "web"}}, "policyTypes": ["Egress"], "egress": [{"ports": ports}]}
    named.objects += [named.policy("web-out", spec), {"kind": "Namespace", "metadata": {"name": "kube-system"}}]
    assert blamed(named, "network-policy") == []
    named.calls = [failing()]
    assert blamed(named, "network-policy") == [("NetworkPolicy/shop/web-out", Mechanism.NETWORK_POLICY, "spec.egress")]
