"""Data stores of a namespace, by the images that everybody knows."""

from __future__ import annotations

from collections.abc import Sequence

from aiops.core.entity import Entity, Manifest
from aiops.core.target import Target
from aiops.faults.kit.images import repository_of
from aiops.faults.kit.workloads import containers

DATA_PATHS = {
    "mongo": "/data/db",
    "postgres": "/var/lib/postgresql/data",
    "mysql": "/var/lib/mysql",
    "redis": "/data",
    "rabbitmq": "/var/lib/rabbitmq",
}
"""Where the server of an image keeps its data, by the last part of the image's name."""

DATABASES = ("mongo", "postgres", "mysql")
"""Those that read and write their disk for each request."""


def store_of(workload: Manifest) -> str:
    """Which store a workload's first container is; empty where it is none."""
    name = repository_of(containers(workload)[0]["image"]).rpartition("/")[2]
    return name if name in DATA_PATHS else ""


async def stores_in_use(target: Target, namespace: str, names: Sequence[str] = DATABASES) -> Sequence[Entity]:
    """The stores of these names with ready pods: Deployments, then StatefulSets, each by name."""
    return [
        Entity.of(item)
        for kind in ("Deployment", "StatefulSet")
        for item in sorted(await target.list(kind, namespace), key=lambda each: str(each["metadata"]["name"]))
        if store_of(item) in names and (item.get("status") or {}).get("readyReplicas")
    ]
