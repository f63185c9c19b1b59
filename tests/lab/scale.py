"""A large cluster in one process: loads it, lists it page by page and watches it over HTTP, and says what that costs.

python -m tests.lab.scale [--nodes 5000] [--pods 50000]
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import sys
from collections.abc import Callable
from random import Random
from typing import Any

import httpx2
import orjson

from aiops.core.clock import Stopwatch
from aiops.lab.kube import MASTERS, ObjectStore, User, bootstrap, kubernetes_app
from aiops.lab.serving import Served

NOW = 1_780_000_000.0
PAGE = 500
NAMESPACES = 50
HEADERS = {"authorization": "Bearer admin"}


def node(index: int) -> dict[str, Any]:
    """A node as a kubelet registers it, with its status."""
    amounts = {"cpu": "16", "memory": "64Gi", "pods": "110", "ephemeral-storage": "100Gi"}
    kinds = ("MemoryPressure", "DiskPressure", "PIDPressure", "Ready")
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": f"node-{index}", "labels": {"topology.kubernetes.io/zone": f"zone-{index % 3}"}},
        "spec": {"podCIDR": f"10.{index >> 8 & 255}.{index & 255}.0/24"},
        "status": {
            "capacity": amounts,
            "allocatable": amounts,
            "conditions": [{"type": kind, "status": str(kind == "Ready")} for kind in kinds],
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


def running(index: int) -> dict[str, Any]:
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
        store.update({**made, "status": running(index)}, manager="kubelet", subresource="status")


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
        for index in range(writes):
            found = store.get("Pod", f"team-{index % NAMESPACES}", f"web-{index}")
            status = {**found["status"], "message": "seen"}
            store.update({**found, "status": status}, manager="kubelet", subresource="status")
        async for line in answer.aiter_lines():
            seen += bool(line)
            if seen == writes:
                return seen
    return seen


async def main(nodes: int, pods: int) -> None:
    """Run it and print a line for each part."""
    store = ObjectStore(now=lambda: NOW, rng=Random("scale"))
    bootstrap(store)
    tell = _teller(Stopwatch())
    load(store, nodes, pods)
    tell(f"loaded {nodes} nodes and {pods} pods with their status")
    app = kubernetes_app(store, tokens={"admin": User("admin", (MASTERS,))}, logs=lambda *_: [])
    async with Served(app) as url, httpx2.AsyncClient(base_url=url, headers=HEADERS, timeout=60) as client:
        tell(f"listed {await pages(client, '/api/v1/pods')} pods, {PAGE} a page")
        tell(f"listed {await pages(client, '/api/v1/nodes')} nodes")
        found = await client.get("/api/v1/pods", params={"fieldSelector": "spec.nodeName=node-7"})
        tell(f"found the {len(orjson.loads(found.content)['items'])} pods of one node")
        tell(f"watched {await watched(client, store, min(pods, 5000))} changes")
    sys.stdout.write(f"memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / 1024:.2f} GB at most\n")


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _teller(clock: Stopwatch) -> Callable[[str], None]:
    last = (0.0, _cpu())

    def tell(what: str) -> None:
        nonlocal last
        now = (clock.seconds(), _cpu())
        sys.stdout.write(f"{now[0] - last[0]:7.1f} s ({now[1] - last[1]:.1f} s of CPU)  {what}\n")
        sys.stdout.flush()
        last = now

    return tell


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--nodes", type=int, default=5000)
    parser.add_argument("--pods", type=int, default=50_000)
    arguments = parser.parse_args()
    asyncio.run(main(arguments.nodes, arguments.pods))
