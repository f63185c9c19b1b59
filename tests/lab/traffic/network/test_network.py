from __future__ import annotations

from typing import Any

import pytest

from aiops.lab.traffic.network.network import Network, Obstacle, network_fingerprint


@pytest.fixture
def cluster(plain_cluster: Any) -> Any:
    plain_cluster.run(30)
    return plain_cluster


@pytest.mark.parametrize(
    "host", ["geo", "geo.hotel", "geo.hotel.svc", "geo.hotel.svc.cluster.local", "geo.hotel.svc.cluster.local."]
)
def test_every_form_of_a_name_leads_to_the_endpoints(cluster: Any, host: str) -> None:
    found = Network(cluster).resolve("hotel", host, 8083)
    assert [(peer.name, port) for peer, port in found.backends] == [("geo-0", 8083), ("geo-1", 8083)]
    assert found.obstacle is None


@pytest.mark.parametrize(
    ("host", "port", "obstacle"),
    [
        ("geoo", 8083, Obstacle.UNRESOLVED),
        ("geo.shop", 8083, Obstacle.UNRESOLVED),
        ("api.example.com", 443, Obstacle.UNRESOLVED),
        ("geo", 8084, Obstacle.DROPPED),
        ("192.0.2.1", 80, Obstacle.DROPPED),
    ],
)
def test_what_leads_nowhere(cluster: Any, host: str, port: int, obstacle: Obstacle) -> None:
    assert Network(cluster).resolve("hotel", host, port).obstacle is obstacle


def test_a_name_belongs_to_its_namespace(cluster: Any) -> None:
    network = Network(cluster)
    assert network.resolve("kube-system", "geo", 8083).obstacle is Obstacle.UNRESOLVED
    assert network.resolve("kube-system", "geo.hotel", 8083).obstacle is None


def test_addresses_need_no_name(cluster: Any) -> None:
    network = Network(cluster)
    by_name = network.resolve("hotel", "geo", 8083)
    host, port = by_name.shown.split(":")
    assert network.resolve("hotel", host, int(port)).backends == by_name.backends
    pod = by_name.backends[0][0]
    assert network.resolve("hotel", pod.address, 1234).backends == ((pod, 1234),)


def test_the_target_port_decides_and_not_what_the_container_declares(cluster: Any) -> None:
    cluster.edit("Service", "geo", lambda s: s["spec"]["ports"][0].update(targetPort=9999))
    cluster.run(5)
    found = Network(cluster).resolve("hotel", "geo", 8083)
    assert [port for _, port in found.backends] == [9999, 9999]


def test_a_service_that_selects_nothing_refuses(cluster: Any) -> None:
    cluster.edit("Service", "geo", lambda s: s["spec"].update(selector={"app": "goe"}))
    cluster.run(5)
    assert Network(cluster).resolve("hotel", "geo", 8083).obstacle is Obstacle.REFUSED


def test_a_headless_service_resolves_to_its_pods(cluster: Any) -> None:
    cluster.edit("Service", "geo", lambda s: s["spec"].update(clusterIP="None"))
    found = Network(cluster).resolve("hotel", "geo", 8083)
    assert [peer.name for peer, _ in found.backends] == ["geo-0", "geo-1"]


def test_the_longest_path_of_an_ingress_wins(cluster: Any) -> None:
    def change(ingress: dict[str, Any]) -> None:
        paths = ingress["spec"]["rules"][0]["http"]["paths"]
        paths.append({**paths[0], "path": "/", "pathType": "Prefix"})

    cluster.edit("Ingress", "hotel", change)
    network = Network(cluster)
    for asked, path in (("/hotels", "/hotels"), ("/hotels/7", "/hotels"), ("/hotelsx", "/"), ("/", "/")):
        found = network.ingress_for("hotel.example.com", asked)
        assert found is not None
        assert found[1] == path
    assert network.ingress_for("other.example.com", "/hotels") is None


def test_an_ingress_backend_is_found_by_name_or_number(cluster: Any) -> None:
    network = Network(cluster)
    assert len(network.ingress_backends("hotel", {"name": "frontend", "port": {"name": "http"}})) == 2
    assert len(network.ingress_backends("hotel", {"name": "frontend", "port": {"number": 5000}})) == 2
    assert network.ingress_backends("hotel", {"name": "frontend", "port": {"number": 1}}) == ()
    assert network.ingress_backends("hotel", {"name": "gone", "port": {"number": 1}}) == ()


def test_the_fingerprint_follows_what_is_read(cluster: Any) -> None:
    before = network_fingerprint(cluster)
    cluster.edit("Deployment", "geo", lambda d: d["metadata"]["labels"].update(x="y"))
    assert network_fingerprint(cluster) == before
    cluster.edit("Service", "geo", lambda s: s["metadata"].update(labels={}))
    assert network_fingerprint(cluster) != before


def test_a_service_may_keep_to_the_node_of_its_client(cluster: Any) -> None:
    cluster.edit("Service", "geo", lambda s: s["spec"].update(internalTrafficPolicy="Local"))
    found = Network(cluster).resolve("hotel", "geo", 8083)
    peer = found.backends[0][0]
    assert [each.name for each, _ in found.seen_from(peer.node).backends if each.node != peer.node] == []
    assert peer in [each for each, _ in found.seen_from(peer.node).backends]
    far = found.seen_from("nowhere")
    assert (far.backends, far.obstacle) == ((), Obstacle.DROPPED)


def test_other_services_are_the_same_from_every_node(cluster: Any) -> None:
    found = Network(cluster).resolve("hotel", "geo", 8083)
    assert found.seen_from("nowhere") is found
