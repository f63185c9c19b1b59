"""What a Corefile says of the cluster's names."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.lab.apps.manifests.dns import CONFIG_MAP, KEY, NAMESPACE, STANDARD
from aiops.lab.traffic.network.corefile import Corefile, read_corefile
from aiops.lab.traffic.network.network import Network, Obstacle
from tests.lab.conftest import PlainCluster

GEO, RATE = "geo.hotel.svc.cluster.local", "rate.hotel.svc.cluster.local"


def with_lines(*lines: str) -> str:
    added = "".join(f"    {line}\n" for line in lines)
    return STANDARD.replace("    ready\n", f"    ready\n{added}")


def test_a_new_cluster_serves_its_own_zone_and_changes_nothing() -> None:
    found = read_corefile(STANDARD)
    assert found == Corefile(zones=("cluster.local", "in-addr.arpa", "ip6.arpa"))
    assert found.serves(GEO)
    assert not found.serves("geo.hotel.svc.cluster.internal")
    assert found.rewritten(GEO) == GEO


@pytest.mark.parametrize(
    ("rule", "name"),
    [
        (f"rewrite name exact {GEO} {RATE}", RATE),
        (f"rewrite name {GEO} {RATE}", RATE),
        (f"rewrite stop name exact {GEO}. {RATE}.", RATE),
        ("rewrite name suffix .hotel.svc.cluster.local .shop.svc.cluster.local", "geo.shop.svc.cluster.local"),
        ("rewrite name prefix geo. maps.", "maps.hotel.svc.cluster.local"),
        ("rewrite name substring hotel motel", "geo.motel.svc.cluster.local"),
        ("rewrite type ANY HINFO", GEO),
        (f"# rewrite name {GEO} {RATE}", GEO),
    ],
)
def test_rewrites(rule: str, name: str) -> None:
    assert read_corefile(with_lines(rule)).rewritten(GEO) == name


def test_hosts_and_templates() -> None:
    text = with_lines(
        "hosts {", f"    10.96.3.4 {GEO} geo.example.com", "    ttl 60", "    fallthrough", "}",
        "template ANY A rate.hotel.svc.cluster.local {", "    rcode NXDOMAIN", "}",
    )  # fmt: skip
    found = read_corefile(text)
    assert found.hosts == {GEO: "10.96.3.4", "geo.example.com": "10.96.3.4"}
    assert found.serves(GEO)
    assert not found.serves(RATE)


@given(st.text(alphabet="{}# \nabckubernetes.hostrw", max_size=120))
def test_any_text_is_read(text: str) -> None:
    found = read_corefile(text)
    assert all(name and address for name, address in found.hosts.items())


@pytest.fixture
def cluster(plain_cluster: Any) -> PlainCluster:
    found: PlainCluster = plain_cluster
    found.run(30)
    return found


def resolved(cluster: PlainCluster, text: str) -> Any:
    cluster.edit("ConfigMap", CONFIG_MAP, lambda item: item["data"].update({KEY: text}), NAMESPACE)
    return Network(cluster).resolve("hotel", "geo", 8083)


def test_an_entry_wins_over_the_service(cluster: PlainCluster) -> None:
    found = resolved(cluster, with_lines("hosts {", f"    10.96.251.9 {GEO}", "    fallthrough", "}"))
    assert (found.shown, found.obstacle) == ("10.96.251.9:8083", Obstacle.DROPPED)


def test_a_rewrite_leads_to_another_service(cluster: PlainCluster) -> None:
    found = resolved(cluster, with_lines(f"rewrite name {GEO} {RATE}"))
    assert found.shown == f"{Network(cluster).cluster_ip('hotel', 'rate')}:8083"


@pytest.mark.parametrize("zone", ["cluster.internal", "svc.cluster.local", "hotel.svc.cluster.local"])
def test_another_zone_leads_nowhere(cluster: PlainCluster, zone: str) -> None:
    found = resolved(cluster, STANDARD.replace("cluster.local", zone))
    assert found.obstacle is Obstacle.UNRESOLVED


def test_the_nearest_zone_answers() -> None:
    assert Corefile(zones=("local", "cluster.local")).serves(GEO)
    assert not Corefile(zones=("cluster.local", "svc.cluster.local")).serves(GEO)


def test_an_alias_leads_to_another_service_or_nowhere(cluster: PlainCluster) -> None:
    def alias(name: str) -> Any:
        cluster.edit("Service", "geo", lambda item: item["spec"].update(type="ExternalName", externalName=name))
        return Network(cluster).resolve("hotel", "geo", 8084)

    assert [peer.name for peer, _ in alias(RATE).backends] == ["rate-0", "rate-1"]
    assert alias("geo.example.com").obstacle is Obstacle.UNRESOLVED
    assert alias(GEO).obstacle is Obstacle.UNRESOLVED
