"""Ten simulated minutes of one world, with a few writes at fixed moments, as digests of everything that it shows.

A program, so that a test can run it in processes of its own: `python -m tests.lab.world_digest SEED`.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
from typing import Any

import httpx2
import orjson

from aiops.lab.jaeger.views import trace_json
from aiops.lab.kube import MASTERS, User, kubernetes_app
from aiops.lab.kube.kinds.resources import RESOURCES
from aiops.lab.tsdb.matcher import Matcher
from aiops.lab.world import World

MINUTE = 60.0
SERVICE = "/api/v1/namespaces/hotel/services/rate"
DEPLOYMENT = "/apis/apps/v1/namespaces/hotel/deployments/geo"
PODS = "/api/v1/namespaces/hotel/pods"
JSON_PATCH = {"Content-Type": "application/json-patch+json"}
STRATEGIC = {"Content-Type": "application/strategic-merge-patch+json"}


class Watched:
    """A world from a seed, and every notification of its alerts, each taken at the tick at which it is due."""

    def __init__(self, seed: int, application: str = "hotel") -> None:
        self.world = World(application, seed=seed)
        self.notifications: list[dict[str, Any]] = []

    def run(self, seconds: float) -> None:
        for _ in self.world.ticks(seconds):
            for notification in self.world.alerts_due():
                self.notifications.append(notification.payload)
                self.world.alert_delivered(notification)

    def seen(self) -> dict[str, bytes]:
        """Everything that somebody can see of the world, as bytes, in the order in which the world gives it."""
        world = self.world
        kinds = [resource.kind for resource in RESOURCES if "list" in resource.verbs]
        objects = {kind: world.cluster.objects(kind) for kind in kinds}
        series = world.series.select([Matcher("__name__", "=~", ".+")], 0.0, world.now)
        traces = list(world.traces.newest(world.now))
        return {
            "objects": _bytes(objects),
            "metrics": b"".join(_bytes(s.labels) + s.times.tobytes() + s.values.tobytes() for s in series),
            "traces": _bytes([trace_json(trace) for trace in traces]),
            "logs": _bytes([world.logs(one, None, None) for pod in objects["Pod"] for one in _containers(pod)]),
            "alerts": _bytes(self.notifications),
        }


def _bytes(value: Any) -> bytes:
    """JSON that keeps the order of keys: an order that changes with the process is a difference."""
    return orjson.dumps(value)


def _containers(pod: dict[str, Any]) -> list[str]:
    statuses = pod["status"].get("containerStatuses", [])
    return [status["containerID"].removeprefix("containerd://") for status in statuses if "containerID" in status]


async def digests(seed: int) -> dict[str, str]:
    """By part of the world: how many bytes it shows, and their SHA-256."""
    watched = Watched(seed)
    app = kubernetes_app(watched.world.cluster, tokens={"t": User("ann", (MASTERS,))}, logs=watched.world.logs)
    headers = {"Authorization": "Bearer t"}
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=app), base_url="http://lab", headers=headers
    ) as api:
        watched.run(2 * MINUTE)
        port = {"op": "replace", "path": "/spec/ports/0/targetPort", "value": 9999}
        await _write(api, "PATCH", SERVICE, [port], JSON_PATCH)
        watched.run(2 * MINUTE)
        image = {"name": "geo", "image": "registry.example.com/hotel/geo:does-not-exist"}
        await _write(api, "PATCH", DEPLOYMENT, {"spec": {"template": {"spec": {"containers": [image]}}}}, STRATEGIC)
        watched.run(2 * MINUTE)
        pods = (await api.get(PODS, params={"labelSelector": "app.kubernetes.io/name=profile"})).json()["items"]
        await _write(api, "DELETE", f"{PODS}/{pods[0]['metadata']['name']}", {}, {})
        watched.run(4 * MINUTE)
    parts = {**watched.seen(), "insides": _insides(seed)}
    return {part: f"{len(seen)}:{hashlib.sha256(seen).hexdigest()}" for part, seen in parts.items()}


def _insides(seed: int) -> bytes:
    """Five minutes of an application with brokers, caches, pools, locks, heaps and disks."""
    watched = Watched(seed, "social")
    watched.run(5 * MINUTE)
    return b"".join(watched.seen().values())


async def _write(api: httpx2.AsyncClient, method: str, path: str, body: Any, headers: dict[str, str]) -> None:
    reply = await api.request(method, path, content=orjson.dumps(body), headers=headers)
    reply.raise_for_status()


if __name__ == "__main__":
    json.dump(asyncio.run(digests(int(sys.argv[1]))), sys.stdout)
