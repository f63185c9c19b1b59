"""Users come by TLS: what the certificate of the Ingress decides."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from aiops.core.entity import Manifest
from aiops.lab.traffic.network.front_door import FrontDoor
from tests.lab.conftest import PlainCluster

HOST = "hotel.example.com"
DAY = 86_400.0


def use(cluster: PlainCluster, *secrets: str) -> None:
    """Let the Ingress name these Secrets, the first one first."""

    def change(ingress: Manifest) -> None:
        ingress["spec"]["tls"] = [{"hosts": [HOST], "secretName": name} for name in secrets]

    cluster.edit("Ingress", "hotel", change)


def door(cluster: PlainCluster) -> FrontDoor:
    return cluster.traffic.front_door


@pytest.fixture
def cluster(plain_cluster: Any) -> PlainCluster:
    found: PlainCluster = plain_cluster
    return found


def test_a_certificate_holds_from_its_first_to_its_last_moment(cluster: PlainCluster) -> None:
    served = door(cluster).served()
    assert [(one.host, one.secret) for one in served] == [(HOST, "hotel-example-com-tls")]
    begins, ends = served[0].begins, served[0].ends
    moments = (begins - 1, begins, ends - 1, ends)
    assert [door(cluster).trusted(HOST, moment) for moment in moments] == [False, True, True, False]
    assert not door(cluster).trusted("other.example.com", begins)


def test_the_first_entry_for_a_host_counts(cluster: PlainCluster) -> None:
    use(cluster, "hotel-tls-2025", "hotel-example-com-tls")
    assert not door(cluster).trusted(HOST, cluster.now)
    use(cluster, "hotel-example-com-tls", "hotel-tls-2025")
    assert door(cluster).trusted(HOST, cluster.now)


@pytest.mark.parametrize(
    ("host", "covered"),
    [("hotel.example.com", True), ("example.com", True), ("a.b.example.com", False), ("example.org", False)],
)
def test_a_wildcard_stands_for_one_label(cluster: PlainCluster, host: str, covered: bool) -> None:
    use(cluster, "wildcard-example-com")
    assert door(cluster).served()[0].covers(host) is covered


@pytest.mark.parametrize("text", ["", "%%%", base64.b64encode(b"no certificate").decode()])
def test_a_secret_without_a_certificate_is_trusted_by_nobody(cluster: PlainCluster, text: str) -> None:
    cluster.edit("Secret", "hotel-example-com-tls", lambda secret: secret["data"].update({"tls.crt": text}))
    assert not door(cluster).trusted(HOST, cluster.now)
    use(cluster, "no-such-secret")
    assert not door(cluster).trusted(HOST, cluster.now)
    use(cluster)
    assert not door(cluster).trusted(HOST, cluster.now)


def test_who_gets_no_certificate_never_reaches_the_ingress(cluster: PlainCluster) -> None:
    cluster.run(60)
    users, tallies = cluster.traffic.users, cluster.traffic.answers
    before, failed, counted = users.requests, users.failed, tallies.values[:, :, -2].sum()
    use(cluster, "hotel-tls-2025")
    cluster.run(30)
    assert users.failed - failed == pytest.approx(users.requests - before)
    assert users.requests - before > 1000
    assert tallies.values[:, :, -2].sum() == counted
    use(cluster, "hotel-example-com-tls")
    failed = users.failed
    cluster.run(30)
    assert users.failed - failed < 20


def test_the_gateway_says_what_is_wrong_with_a_certificate(cluster: PlainCluster) -> None:
    gateway = next(p for p in cluster.traffic.runtime.running() if p.program.role == "gateway")
    cluster.run(120)
    assert not [line for line in _lines(cluster, gateway.container.id) if "certificate" in line]
    use(cluster, "hotel-tls-2025")
    cluster.run(120)
    lines = [line for line in _lines(cluster, gateway.container.id) if line.startswith("W")]
    assert 'SSL certificate for server "hotel.example.com" is about to expire (2026-05-' in lines[-1]
    use(cluster, "other")
    other = {**cluster.find("Secret", "hotel", "wildcard-example-com")}  # type: ignore[dict-item]
    cluster.put({**other, "metadata": {"name": "other", "namespace": "hotel"}})
    cluster.edit("Ingress", "hotel", lambda i: i["spec"]["tls"][0].update({"hosts": ["a.b.example.com"]}))
    cluster.run(120)
    last = [line for line in _lines(cluster, gateway.container.id) if line.startswith("W")][-1]
    assert 'SSL certificate "hotel/other" does not contain' in last


def _lines(cluster: PlainCluster, container: str) -> list[str]:
    return [line for _, line in cluster.traffic.runtime.logs(container, None, None)]
