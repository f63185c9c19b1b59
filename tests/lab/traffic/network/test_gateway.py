"""What annotations of an Ingress make the gateway do."""

from __future__ import annotations

from typing import Any

import pytest

from aiops.core.entity import Manifest
from aiops.lab.traffic.callgraph.graph import STATUSES
from aiops.lab.traffic.network.gateway import annotation, rewritten
from tests.lab.conftest import PlainCluster

PREFIX = "nginx.ingress.kubernetes.io"


def ingress(**annotations: str) -> Manifest:
    named = {f"{PREFIX}/{key.replace('_', '-')}": value for key, value in annotations.items()}
    return {"metadata": {"name": "web", "namespace": "shop", "annotations": named}}


def test_without_annotations_nothing_is_changed() -> None:
    assert annotation({"metadata": {}}, "auth-url") == ""
    assert rewritten({"metadata": {}}, "/carts") == "/carts"


@pytest.mark.parametrize(
    ("target", "path"), [("/", "/"), ("/$1", "/"), ("/v2/$2", "/v2/"), ("$1", "/"), ("/app", "/app")]
)
def test_paths_without_groups_are_rewritten_to_what_is_left(target: str, path: str) -> None:
    assert rewritten(ingress(rewrite_target=target), "/carts") == path


def annotated(cluster: PlainCluster, name: str, value: str) -> dict[int, float]:
    """The statuses of failed requests at the gateway, in percent, once an annotation is set."""

    def change(item: Manifest) -> None:
        item["metadata"].setdefault("annotations", {})[f"{PREFIX}/{name}"] = value

    cluster.edit("Ingress", next(iter(cluster.objects("Ingress")))["metadata"]["name"], change)
    cluster.run(20)
    flow = cluster.traffic.flow
    entry = flow.graph.entries[0][0]
    statuses = flow.statuses[:, entry] * flow.fails[entry]
    return {status: round(float(share) * 100) for status, share in zip(STATUSES, statuses, strict=True) if share > 0.5}


@pytest.fixture
def cluster(plain_cluster: Any) -> PlainCluster:
    found: PlainCluster = plain_cluster
    found.run(30)
    return found


def test_rewritten_requests_are_not_known_to_servers(cluster: PlainCluster) -> None:
    assert annotated(cluster, "rewrite-target", "/v2") == {404: 100}


def test_nobody_comes_in_while_nobody_says_who_may(cluster: PlainCluster) -> None:
    assert annotated(cluster, "auth-url", "http://sso.hotel.svc.cluster.local/check") == {500: 100}


def test_who_is_there_lets_everybody_in(cluster: PlainCluster) -> None:
    assert annotated(cluster, "auth-url", "http://geo.hotel.svc.cluster.local:8083/check") == {}
