"""A lab's cluster as a fault acts on it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2

from aiops.bench.plane import WorldPlane
from aiops.clients.kubernetes import KubernetesClient
from aiops.faults.injection import DirectTarget
from aiops.lab.kube import MASTERS, User, kubernetes_app
from aiops.lab.world import World


@asynccontextmanager
async def target_of(world: World) -> AsyncIterator[DirectTarget]:
    """A target that reaches all of a world, as an engineer who may do everything."""
    app = kubernetes_app(world.cluster, tokens={"token": User("jane.doe", (MASTERS,))}, logs=world.logs)
    transport = httpx2.ASGITransport(app=app)
    kube = KubernetesClient.at("http://cluster", token="token", field_manager="kubectl-edit", transport=transport)
    try:
        yield DirectTarget(kube, WorldPlane(world))
    finally:
        await kube.close()
