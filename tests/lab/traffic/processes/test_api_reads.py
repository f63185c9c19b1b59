"""Programs read from the Kubernetes API with their service accounts; what they may not read they cannot serve with."""

from __future__ import annotations

from typing import Any

import pytest

from aiops.core.entity import Manifest
from tests.lab.conftest import PlainCluster

FORBIDDEN = (
    'configmaps "tariffs" is forbidden: User "system:serviceaccount:hotel:rate" cannot get resource "configmaps" '
    'in API group "" in the namespace "hotel"'
)


@pytest.fixture
def cluster(plain_cluster: Any) -> PlainCluster:
    found: PlainCluster = plain_cluster
    found.run(60)
    return found


def failing(cluster: PlainCluster, program: str) -> float:
    """The worst share of requests that a program's handlers fail now."""
    graph, flow = cluster.traffic.flow.graph, cluster.traffic.flow
    rows = [i for i, h in enumerate(graph.handlers) if i and graph.processes[h.process].name == program]
    return float(max(flow.fails[row] for row in rows))


def without_verbs(role: Manifest) -> None:
    role["rules"][0]["verbs"] = ["list"]


def test_everything_that_is_read_is_granted(cluster: PlainCluster) -> None:
    reads = cluster.traffic.api_reads
    running = cluster.traffic.runtime.running()
    assert {p.name for p in running if p.program.reads} == {"rate", "search", "recommendation", "reservation"}
    assert [reads.refused(process) for process in running if reads.refused(process)] == []
    assert {code for _, _, _, code in reads.requests} == {"200"}


def test_a_process_serves_on_for_as_long_as_it_keeps_what_it_read(cluster: PlainCluster) -> None:
    cluster.edit("Role", "rate-reader", without_verbs)
    cluster.run(25)
    assert failing(cluster, "rate") < 0.01
    cluster.run(15)
    assert failing(cluster, "rate") == 1.0
    assert failing(cluster, "search") > 0.9
    assert cluster.traffic.api_reads.requests["GET", "", "configmaps", "403"] > 2
    cluster.edit("Role", "rate-reader", lambda role: role["rules"][0].update({"verbs": ["get"]}))
    cluster.run(10)
    assert failing(cluster, "rate") < 0.01


def test_it_logs_what_the_api_server_answers(cluster: PlainCluster) -> None:
    cluster.edit("Role", "rate-reader", without_verbs)
    cluster.run(40)
    process = next(p for p in cluster.traffic.runtime.running() if p.name == "rate")
    assert cluster.traffic.api_reads.starved(process) == FORBIDDEN
    lines = [line for _, line in cluster.traffic.runtime.logs(process.container.id, None, None)]
    assert any(FORBIDDEN.replace('"', '\\"') in line for line in lines)


@pytest.mark.parametrize(("program", "kind"), [("recommendation", "ApiException"), ("reservation", "KubernetesClient")])
def test_each_language_says_it_its_own_way(cluster: PlainCluster, program: str, kind: str) -> None:
    binding = f"{program}-reader"
    cluster.edit("RoleBinding", binding, lambda item: item["subjects"][0].update({"namespace": "default"}))
    cluster.run(60)
    process = next(p for p in cluster.traffic.runtime.running() if p.name == program)
    lines = [line for _, line in cluster.traffic.runtime.logs(process.container.id, None, None)]
    assert any(kind in line and "is forbidden: User" in line for line in lines)


def test_to_list_and_to_watch_are_both_needed(cluster: PlainCluster) -> None:
    cluster.edit("Role", "search-reader", without_verbs)
    process = next(p for p in cluster.traffic.runtime.running() if p.name == "search")
    cluster.run(5)
    (problem,) = cluster.traffic.api_reads.refused(process)
    assert problem.startswith('endpointslices.discovery.k8s.io is forbidden: User "system:serviceaccount:hotel:search"')
    assert 'cannot watch resource "endpointslices" in API group "discovery.k8s.io"' in problem


def test_a_process_that_starts_without_its_right_has_nothing_to_serve_with(cluster: PlainCluster) -> None:
    cluster.edit("Role", "rate-reader", without_verbs)
    for pod in [p["metadata"]["name"] for p in cluster.objects("Pod", "hotel") if p["metadata"]["name"] > "rate"]:
        if pod.startswith("rate-"):
            cluster.restart(pod)
    cluster.run(10)
    assert failing(cluster, "rate") == 1.0


def test_what_is_not_there_cannot_be_read(cluster: PlainCluster) -> None:
    process = next(p for p in cluster.traffic.runtime.running() if p.name == "rate")
    cluster.edit("ConfigMap", "tariffs", lambda item: item["metadata"].update({"name": "tariffs-old"}))
    del cluster._objects["ConfigMap", "hotel", "tariffs"]
    cluster.run(40)
    assert cluster.traffic.api_reads.starved(process) == 'configmaps "tariffs" not found'
    assert cluster.traffic.api_reads.requests["GET", "", "configmaps", "404"] > 0


def test_without_a_token_nothing_is_asked(cluster: PlainCluster) -> None:
    def unmounted(pod: Manifest) -> None:
        pod["spec"]["containers"][0]["volumeMounts"] = []

    for pod in ("rate-0", "rate-1"):
        cluster.edit("Pod", pod, unmounted)
        cluster.restart(pod)
    cluster.run(40)
    assert failing(cluster, "rate") == 1.0
    assert {code for _, _, _, code in cluster.traffic.api_reads.requests} == {"200"}
    process = next(p for p in cluster.traffic.runtime.running() if p.name == "rate")
    assert cluster.traffic.api_reads.refused(process) == [
        "open /var/run/secrets/kubernetes.io/serviceaccount/token: no such file or directory"
    ]
