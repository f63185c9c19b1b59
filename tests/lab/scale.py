"""A large cluster in one process: loads it, lists it page by page and watches it over HTTP, and says what that costs.

python -m tests.lab.scale [--nodes 5000] [--pods 50000] [--running [--replicas 250]] [--json]

`--running`: the pods are created through Deployments, scheduled and run by the control plane.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import sys
from random import Random
from typing import Any

import httpx2
import orjson

from aiops.core.clock import Stopwatch
from aiops.lab.kube import MASTERS, ObjectStore, User, bootstrap, kubernetes_app
from aiops.lab.serving import Served
from tests.lab.running_cluster import RunningCluster

NOW = 1_780_000_000.0
MOMENT = "2026-05-28T20:26:40Z"
PAGE = 500
NAMESPACES = 50
QUIET_SECONDS = 60.0
MORE = 1000
HEADERS = {"authorization": "Bearer admin"}


def node(index: int) -> dict[str, Any]:
    """A node as a kubelet registers it, with its status."""
    amounts = {"cpu": "16", "memory": "64Gi", "pods": "110", "ephemeral-storage": "100Gi"}
    kinds = ("MemoryPressure", "DiskPressure", "PIDPressure", "Ready")
    since = {"lastHeartbeatTime": MOMENT, "lastTransitionTime": MOMENT}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": f"node-{index}",
            "labels": {"topology.kubernetes.io/zone": f"zone-{index % 3}", "kubernetes.io/hostname": f"node-{index}"},
        },
        "spec": {"podCIDR": f"10.{index >> 8 & 255}.{index & 255}.0/24"},
        "status": {
            "capacity": amounts,
            "allocatable": amounts,
            "conditions": [{"type": kind, "status": str(kind == "Ready"), **since} for kind in kinds],
            "addresses": [{"type": "InternalIP", "address": f"172.16.{index >> 8}.{index & 255}"}],
        },
    }


def pod(index: int, nodes: int) -> dict[str, Any]:
    """A pod that runs on one of the nodes."""
    name = f"web-{index}"
    resources = {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}}
    container = {"name": "app", "image": "app:1", "ports": [{"containerPort": 80}], "resources": resources}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": f"team-{index % NAMESPACES}", "labels": {"app": f"web-{index % 500}"}},
        "spec": {"nodeName": f"node-{index % nodes}", "serviceAccountName": "default", "containers": [container]},
    }


def running_status(index: int) -> dict[str, Any]:
    """The status of a pod that runs."""
    kinds = ("Initialized", "Ready", "ContainersReady", "PodScheduled")
    state = {"running": {"startedAt": "2026-05-28T20:26:40Z"}}
    return {
        "phase": "Running",
        "podIP": f"10.{index >> 16 & 255}.{index >> 8 & 255}.{index & 255}",
        "conditions": [{"type": kind, "status": "True"} for kind in kinds],
        "containerStatuses": [{"name": "app", "ready": True, "restartCount": 0, "image": "app:1", "state": state}],
    }


def load(store: ObjectStore, nodes: int, pods: int) -> None:
    """Create everything through the store's own checks, each pod with the write of its status."""
    for index in range(nodes):
        store.create(node(index), manager="kubelet")
    for index in range(NAMESPACES):
        name = f"team-{index}"
        store.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}, manager="m")
        account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": name}}
        store.create(account, manager="m")
    for index in range(pods):
        made = store.create(pod(index, nodes), manager="kube-controller-manager")
        store.update({**made, "status": running_status(index)}, manager="kubelet", subresource="status")


async def pages(client: httpx2.AsyncClient, path: str) -> int:
    """List a collection page by page, as raw JSON; how many objects came."""
    found, token = 0, ""
    while True:
        query = {"limit": str(PAGE), **({"continue": token} if token else {})}
        body = orjson.loads((await client.get(path, params=query)).content)
        found += len(body["items"])
        token = body["metadata"].get("continue", "")
        if not token:
            return found


async def watched(client: httpx2.AsyncClient, store: ObjectStore, writes: int) -> int:
    """Watch all pods while `writes` of them change; how many events came."""
    query = {"watch": "1", "resourceVersion": str(store.revision), "timeoutSeconds": "60"}
    seen = 0
    async with client.stream("GET", "/api/v1/pods", params=query) as answer:
        for found in store.objects("Pod")[:writes]:
            status = {**found["status"], "message": "seen"}
            store.update({**found, "status": status}, manager="kubelet", subresource="status")
        async for line in answer.aiter_lines():
            seen += bool(line)
            if seen == writes:
                return seen
    return seen


async def objects_alone(nodes: int, pods: int, tell: Tell) -> None:
    """Load the objects, with no control plane over them."""
    store = ObjectStore(now=lambda: NOW, rng=Random("scale"))
    bootstrap(store)
    load(store, nodes, pods)
    tell(f"loaded {nodes} nodes and {pods} pods with their status")
    await served(store, pods, tell)


async def served(store: ObjectStore, pods: int, tell: Tell) -> None:
    """Read the cluster over HTTP."""
    app = kubernetes_app(store, tokens={"admin": User("admin", (MASTERS,))}, logs=lambda *_: [])
    async with Served(app) as url, httpx2.AsyncClient(base_url=url, headers=HEADERS, timeout=60) as client:
        tell(f"listed {await pages(client, '/api/v1/pods')} pods, {PAGE} a page")
        tell(f"listed {await pages(client, '/api/v1/nodes')} nodes")
        found = await client.get("/api/v1/pods", params={"fieldSelector": "spec.nodeName=node-7"})
        tell(f"found the {len(orjson.loads(found.content)['items'])} pods of one node")
        tell(f"watched {await watched(client, store, min(pods, 5000))} changes")


async def running(nodes: int, pods: int, replicas: int, tell: Tell) -> None:
    """Let the control plane make the pods, and read them over HTTP."""
    cluster = RunningCluster()
    for index in range(nodes):
        cluster.store.create(node(index), manager="kubelet")
    cluster.settle(0)
    tell(f"registered {nodes} nodes")
    for index in range(NAMESPACES):
        cluster.namespace(f"team-{index}")
    for index in range(pods // replicas):
        cluster.deploy(f"web-{index}", f"team-{index % NAMESPACES}", replicas)
    made = pods // replicas * replicas
    simulated = cluster.settle(made)
    tell(f"{made} pods of {pods // replicas} Deployments got ready in {simulated:.0f} simulated seconds")
    cluster.run(QUIET_SECONDS)
    tell(f"{QUIET_SECONDS:.0f} quiet simulated seconds")
    cluster.deploy("more", "team-0", MORE)
    simulated = cluster.settle(made + MORE)
    tell(f"{MORE} more pods of one Deployment got ready in {simulated:.0f} simulated seconds")
    await served(cluster.store, pods, tell)


class Tell:
    """Prints what a part took, as a line or as JSON."""

    def __init__(self, *, as_json: bool) -> None:
        self._json = as_json
        self._clock = Stopwatch()
        self._last = (0.0, _cpu())

    def __call__(self, what: str) -> None:
        now = (self._clock.seconds(), _cpu())
        wall, cpu = now[0] - self._last[0], now[1] - self._last[1]
        line = {"part": what, "wall_seconds": round(wall, 2), "cpu_seconds": round(cpu, 2), "memory_gb": memory()}
        text = f"{wall:7.1f} s ({cpu:.1f} s of CPU, {memory()} GB at most so far)  {what}"
        sys.stdout.write((orjson.dumps(line).decode() if self._json else text) + "\n")
        sys.stdout.flush()
        self._last = now


def memory() -> float:
    """The largest resident size of the process until now, in GB."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / 1024, 2)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--nodes", type=int, default=5000)
    parser.add_argument("--pods", type=int, default=50_000)
    parser.add_argument("--running", action="store_true", help="pods made by Deployments, scheduled and run")
    parser.add_argument("--replicas", type=int, default=250, help="pods of a Deployment")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    given = parser.parse_args()
    teller = Tell(as_json=given.json)
    if given.running:
        asyncio.run(running(given.nodes, given.pods, given.replicas, teller))
    else:
        asyncio.run(objects_alone(given.nodes, given.pods, teller))
