"""Machines that are ill, a crowded API server, and where packets suffer, from figures and objects alone."""

from __future__ import annotations

import re
from typing import Any

import httpx2
import pytest

from aiops.agents.registry import Observation
from aiops.agents.specialists.api_server import api_server
from aiops.agents.specialists.nodes import nodes
from aiops.agents.specialists.packets import packets
from aiops.agents.toolbox import Toolbox
from aiops.clients.kubernetes import KubernetesClient
from aiops.clients.prometheus import PrometheusClient
from aiops.clients.transport import Retry
from aiops.core.clock import VirtualClock, rfc3339
from aiops.core.mechanism import Mechanism
from aiops.tools.kit.context import Context
from tests.support.investigation import ONSET, make_scope

Manifest = dict[str, Any]
Figures = dict[str, tuple[list[tuple[dict[str, str], float]], list[tuple[dict[str, str], float]]]]
"""By a pattern of the query: the series now, and those of before."""


def node(name: str, ready: str = "True") -> Manifest:
    conditions = [{"type": "Ready", "status": ready}]
    addresses = [{"type": "InternalIP", "address": f"10.0.0.{name[-1]}"}]
    status = {"conditions": conditions, "addresses": addresses, "capacity": {"cpu": "8", "memory": "32Gi"}}
    return {"kind": "Node", "metadata": {"name": name}, "spec": {}, "status": status}


def deployment(name: str, made: float = ONSET - 90_000, namespace: str = "shop") -> Manifest:
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c"}]}}
    meta = {"name": name, "namespace": namespace, "creationTimestamp": rfc3339(made)}
    return {"kind": "Deployment", "metadata": meta, "spec": {"selector": {"matchLabels": labels}, "template": template}}


def pod(owner: str, where: str, made: float = ONSET - 90_000) -> Manifest:
    reference = {"kind": "ReplicaSet", "name": f"{owner}-1", "controller": True}
    meta = {
        "name": f"{owner}-1-{where}",
        "namespace": "shop",
        "labels": {"app": owner, "pod-template-hash": "1"},
        "ownerReferences": [reference],
        "creationTimestamp": rfc3339(made),
    }
    status = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}
    return {"kind": "Pod", "metadata": meta, "spec": {"nodeName": where}, "status": status}


def service(name: str) -> Manifest:
    meta = {"name": name, "namespace": "shop"}
    return {"kind": "Service", "metadata": meta, "spec": {"selector": {"app": name}, "ports": [{"port": 80}]}}


def toolbox(objects: list[Manifest], figures: Figures) -> Toolbox:
    def serve(request: httpx2.Request) -> httpx2.Response:
        if request.url.path.endswith("query_range"):
            asked, at = str(request.url.params["query"]), float(request.url.params["start"])
            found = next((pair for pattern, pair in figures.items() if re.search(pattern, asked)), ([], []))
            series = found[0] if at > ONSET else found[1]
            result = [{"metric": labels, "values": [[at, str(value)]]} for labels, value in series]
            return httpx2.Response(200, json={"status": "success", "data": {"resultType": "matrix", "result": result}})
        kind = request.url.path.rstrip("/").rpartition("/")[2].removesuffix("s")
        items = [item for item in objects if item["kind"].lower() == kind]
        return httpx2.Response(200, json={"items": items})

    wire = httpx2.MockTransport(serve)
    metrics = PrometheusClient.at("http://prom", transport=wire, retry=Retry(1, 0.0))
    kube = KubernetesClient.at("http://cluster", transport=wire)
    context = Context(kube=kube, clock=VirtualClock(ONSET + 300), metrics=metrics)
    return Toolbox(context, ("metric_query", "list_objects"))


def at(name: str) -> dict[str, str]:
    return {"node": name}


def blamed(found: list[Observation]) -> list[tuple[str, Mechanism]]:
    return [(str(h.subject), h.mechanism) for item in found for h in item.suggests]


@pytest.mark.parametrize(
    ("kubelet", "exporter", "mechanism"),
    [(0.0, 1.0, Mechanism.NODE_NOT_READY), (0.0, 0.0, Mechanism.NODE_DOWN)],
)
async def test_a_silent_node_and_its_machine(kubelet: float, exporter: float, mechanism: Mechanism) -> None:
    figures: Figures = {
        "up.*node-exporter": ([({"instance": "10.0.0.1:9100"}, exporter)], []),
        "up.*kubelet": ([(at("n1"), kubelet)], []),
    }
    found = await nodes(make_scope(namespaces=("shop",)), toolbox([node("n1", "Unknown"), node("n2")], figures))
    assert blamed(found) == [("Node//n1", mechanism)]


async def test_targets_that_are_away_while_their_node_is_well() -> None:
    figures: Figures = {"up": ([(at("n1"), 0.0)], [])}
    assert await nodes(make_scope(namespaces=("shop",)), toolbox([node("n1")], figures)) == []


@pytest.mark.parametrize(
    ("query", "now", "before", "mechanism"),
    [
        ("timex_offset", 30.0, 0.0, Mechanism.NODE_CLOCK),
        ("receive_errs", 40.0, 0.0, Mechanism.NODE_NETWORK),
        ("speed_bytes", 1.25e7, 1.25e9, Mechanism.NETWORK_BANDWIDTH),
        ("timex_offset", 0.001, 0.0, None),
        ("receive_errs", 0.2, 0.1, None),
    ],
)
async def test_what_a_machine_counts(query: str, now: float, before: float, mechanism: Mechanism | None) -> None:
    figures: Figures = {query: ([(at("n1"), now)], [(at("n1"), before)])}
    found = await nodes(make_scope(namespaces=("shop",)), toolbox([node("n1"), node("n2")], figures))
    assert blamed(found) == ([("Node//n1", mechanism)] if mechanism else [])


async def test_something_outside_of_the_pods_takes_the_cpu() -> None:
    figures: Figures = {
        "node_cpu": ([(at("n1"), 7.8)], [(at("n1"), 2.1)]),
        "container_cpu": ([(at("n1"), 2.0)], [(at("n1"), 2.0)]),
    }
    scope = make_scope(namespaces=("shop",))
    assert blamed(await nodes(scope, toolbox([node("n1")], figures))) == [("Node//n1", Mechanism.NODE_CPU)]
    figures["container_cpu"] = ([(at("n1"), 7.7)], [(at("n1"), 2.0)])
    assert await nodes(scope, toolbox([node("n1")], figures)) == []


async def test_who_fills_the_table_of_connections() -> None:
    objects = [node("n1"), deployment("web"), deployment("crawler", ONSET - 30), pod("web", "n1")]
    objects.append(pod("crawler", "n1", ONSET - 20))
    figures: Figures = {"conntrack": ([(at("n1"), 1.0)], [])}
    found = await nodes(make_scope(namespaces=("shop",)), toolbox(objects, figures))
    assert blamed(found) == [("Deployment/shop/crawler", Mechanism.NETWORK_PORTS_EXHAUSTED)]


async def test_who_overloads_the_api_server() -> None:
    objects = [deployment("web"), deployment("watcher", ONSET - 60)]
    figures: Figures = {"flowcontrol": ([({}, 5.0)], [({}, 0.0)])}
    scope = make_scope(namespaces=("shop",))
    found = await api_server(scope, toolbox(objects, figures))
    assert set(blamed(found)) == {("Deployment/shop/watcher", Mechanism.NODE_API_SERVER)}
    assert await api_server(scope, toolbox(objects, {})) == []


async def test_a_server_that_turns_us_away_too_is_told_of_by_its_metrics() -> None:
    made = {"namespace": "shop", "deployment": "watcher"}
    late = {"namespace": "shop", "deployment": "later"}
    figures: Figures = {
        "flowcontrol": ([({}, 5.0)], [({}, 0.0)]),
        "kube_deployment_created": ([(made, ONSET - 60), (late, ONSET + 290)], []),
    }
    found = await api_server(make_scope(namespaces=("shop",)), toolbox([], figures))
    assert blamed(found) == [("Deployment/shop/watcher", Mechanism.NODE_API_SERVER)]


def crossing(lost: float, resent: float) -> tuple[list[Manifest], Figures]:
    """Two callers on two nodes, two stores; whatever crosses from or to `n2` suffers."""
    objects: list[Manifest] = [node("n1"), node("n2"), node("n3")]
    for name, where in (("a", "n1 n2"), ("b", "n1 n3"), ("a-db", "n2"), ("b-db", "n1"), ("c-db", "n3")):
        objects += [deployment(name), service(name), *(pod(name, one) for one in where.split())]
    now: list[tuple[dict[str, str], float]] = []
    before: list[tuple[dict[str, str], float]] = []
    calls = [("a", "n1", "b-db", "n1"), ("a", "n2", "b-db", "n1"), ("a", "n1", "c-db", "n3"), ("a", "n2", "c-db", "n3")]
    calls += [
        ("b", "n1", "a-db", "n2"),
        ("b", "n3", "a-db", "n2"),
        ("b", "n1", "c-db", "n3"),
        ("b", "n3", "b-db", "n1"),
    ]
    for caller, here, target, there in calls:
        labels = {"namespace": "shop", "pod": f"{caller}-1-{here}", "server_address": target}
        share = lost if (here == "n2") != (there == "n2") else 0.0
        now += [(labels, 10 * (1 - share)), ({**labels, "error_type": "timeout"}, 10 * share)]
        before.append((labels, 10.0))
    figures: Figures = {
        "Retrans": ([(at("n2"), resent), (at("n1"), 0.0)], [(at("n2"), 0.0)]),
        "db_client_operation_duration_seconds_count": (now, before),
        "db_client_operation_duration_seconds_sum": (
            [(k, v * 0.01) for k, v in now],
            [(k, v * 0.01) for k, v in before],
        ),
    }
    return objects, figures


@pytest.mark.parametrize(("resent", "mechanism"), [(40.0, Mechanism.NODE_NETWORK), (0.0, Mechanism.NETWORK_BANDWIDTH)])
async def test_the_node_that_failing_calls_have_in_common(resent: float, mechanism: Mechanism) -> None:
    objects, figures = crossing(0.6, resent)
    found = await packets(make_scope(namespaces=("shop",)), toolbox(objects, figures))
    assert blamed(found) == [("Node//n2", mechanism)]


async def test_calls_that_are_answered_as_before() -> None:
    objects, figures = crossing(0.0, 0.0)
    assert await packets(make_scope(namespaces=("shop",)), toolbox(objects, figures)) == []
