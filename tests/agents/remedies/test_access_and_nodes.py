"""What to change for a login that is refused, for names that nobody answers, and for an ill node."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from aiops.agents.remedies.credential import credential
from aiops.agents.remedies.dns_servers import dns_servers
from aiops.agents.remedies.evacuation import evacuation
from aiops.agents.remedies.kit.registry import READS, RemedyCase
from aiops.agents.toolbox import Toolbox
from aiops.analysis.state.cluster import ClusterState, ObservedCall
from aiops.clients.kubernetes import KubernetesClient
from aiops.core.clock import VirtualClock, rfc3339
from aiops.core.diagnosis import RootCause
from aiops.core.entity import Entity
from aiops.core.evidence import Source
from aiops.core.mechanism import Mechanism
from aiops.tools.kit.context import Context
from tests.support.investigation import ONSET, make_scope, see

Manifest = dict[str, Any]
SECRET = Entity(kind="Secret", namespace="shop", name="login")
WEB = Entity(kind="Deployment", namespace="shop", name="web")
NODE = Entity(kind="Node", name="n1")


def template(secret: str) -> Manifest:
    reference = {"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": secret, "key": "password"}}}
    labels = {"app": "web"}
    return {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "env": [reference]}]}}


def objects(now: str, before: str | None) -> list[Manifest]:
    owner = {"kind": "Deployment", "name": "web", "controller": True}
    meta = {"namespace": "shop", "name": "web"}
    spec = {"selector": {"matchLabels": {"app": "web"}}, "template": template(now)}
    found: list[Manifest] = [{"kind": "Deployment", "metadata": meta, "spec": spec}]
    for revision, secret in enumerate([before, now], 1):
        if secret is not None:
            annotations = {"deployment.kubernetes.io/revision": str(revision)}
            own: Manifest = {"namespace": "shop", "name": f"web-{revision}", "ownerReferences": [owner]}
            own["annotations"] = annotations
            found.append({"kind": "ReplicaSet", "metadata": own, "spec": {"template": template(secret)}})
    made = {"kind": "ReplicaSet", "name": "web-2", "controller": True}
    pod = {"namespace": "shop", "name": "web-2-a", "labels": {"app": "web"}, "ownerReferences": [made]}
    pod |= {"creationTimestamp": rfc3339(ONSET - 3600)}
    found.append({"kind": "Pod", "metadata": pod, "spec": {"nodeName": "n1"}, "status": {}})
    return found


def node(name: str, **spec: Any) -> Manifest:
    conditions = [{"type": "Ready", "status": "True"}]
    return {"kind": "Node", "metadata": {"name": name}, "spec": spec, "status": {"conditions": conditions}}


def case(subject: Entity, mechanism: Mechanism, items: list[Manifest], *cited: Any) -> RemedyCase:
    cause = RootCause(
        subject=subject, mechanism=mechanism, field=None, wanted=None, confidence=0.9, summary="", path=(), evidence=()
    )
    calls = [ObservedCall(WEB, "db", 5432, 0.9, "authentication_failed", worked=True)]
    context = Context(kube=KubernetesClient.at("http://nowhere"), clock=VirtualClock(ONSET))
    state = ClusterState(copy.deepcopy(items), ONSET, calls)
    scope = make_scope(namespaces=("shop",))
    return RemedyCase(cause, scope, state, (), ONSET, Toolbox(context, READS), cited)


async def test_the_secret_of_the_revision_before() -> None:
    (found,) = await credential(case(SECRET, Mechanism.AUTH_CREDENTIAL, objects("login", "old")))
    assert (found.tool, str(found.target)) == ("rollout_undo", str(WEB))


@pytest.mark.parametrize(("written", "tools"), [(ONSET - 60, ["rollout_restart"]), (ONSET - 7200, []), (None, [])])
async def test_pods_that_read_the_secret_before_it_was_written(written: float | None, tools: list[str]) -> None:
    told = [see("secrets-1", SECRET, 0.5, Source.CHANGES, onset=written)] if written is not None else []
    found = await credential(case(SECRET, Mechanism.AUTH_CREDENTIAL, objects("login", None), *told))
    assert [one.tool for one in found] == tools


@pytest.mark.parametrize(
    ("others", "tools"),
    [([node("n2")], ["move_off_node"]), ([node("n2", unschedulable=True)], []), ([], [])],
)
async def test_pods_move_off_an_ill_node_where_another_takes_them(others: list[Manifest], tools: list[str]) -> None:
    items = [*objects("login", None), node("n1"), *others]
    found = await evacuation(case(NODE, Mechanism.NODE_NETWORK, items))
    assert [one.tool for one in found] == tools
    assert all(one.arguments["restart"] == [str(WEB)] for one in found)


@pytest.mark.parametrize(("replicas", "tools"), [(0, ["scale"]), (2, [])])
async def test_servers_for_names_where_none_is_asked_for(replicas: int, tools: list[str]) -> None:
    servers = Entity(kind="Deployment", namespace="kube-system", name="coredns")
    meta = {"namespace": "kube-system", "name": "coredns"}
    spec = {"replicas": replicas, "selector": {"matchLabels": {"app": "coredns"}}, "template": template("a")}
    items: list[Manifest] = [{"kind": "Deployment", "metadata": meta, "spec": spec}]
    found = await dns_servers(case(servers, Mechanism.DNS_UNAVAILABLE, items))
    assert [one.tool for one in found] == tools


@pytest.mark.parametrize(
    ("volume", "moves"),
    [({"emptyDir": {}}, False), ({"emptyDir": {"medium": "Memory"}}, True), ({"persistentVolumeClaim": {}}, False)],
)
async def test_pods_with_data_of_their_own_stay(volume: Manifest, moves: bool) -> None:
    items = [*objects("login", None), node("n1"), node("n2")]
    items[-3]["spec"]["volumes"] = [{"name": "data", **volume}]
    found = await evacuation(case(NODE, Mechanism.NODE_NETWORK, items))
    assert bool(found) is moves
