"""Which faults an application has room for: some need a certificate, a volume, an accelerator."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import cast

from aiops.bench import forks
from aiops.bench.stage import Stage, settled
from aiops.core.entity import Entity, Manifest
from aiops.core.errors import AiopsError
from aiops.core.kubernetes_api import KubernetesApi
from aiops.core.target import DataPlane
from aiops.faults.injection import DirectTarget, draw
from aiops.faults.registry import FAULTS

SEED = 0
LIMIT = 120.0
"""Wall seconds for one application."""


class _Remembering(DirectTarget):
    """Asks only once for each list: nothing moves meanwhile."""

    def __init__(self, kube: KubernetesApi, plane: DataPlane) -> None:
        super().__init__(kube, plane)
        self._lists: dict[tuple[str, str], list[Manifest]] = {}
        self._objects: dict[Entity, Manifest] = {}

    async def list(self, kind: str, namespace: str) -> list[Manifest]:
        if (kind, namespace) not in self._lists:
            self._lists[kind, namespace] = await super().list(kind, namespace)
        return self._lists[kind, namespace]

    async def get(self, entity: Entity) -> Manifest:
        if entity not in self._objects:
            self._objects[entity] = await super().get(entity)
        return self._objects[entity]


def applications_that_fit(applications: Sequence[str]) -> dict[str, frozenset[str]]:
    """For each application the faults for which something can be drawn in it."""
    return {name: _fitting(name) for name in applications}


@cache
def _fitting(application: str) -> frozenset[str]:
    """Asked of a young world, in a fork: nothing of it stays."""
    return frozenset(cast("list[str]", forks.run(lambda: asyncio.run(_drawable(application)), LIMIT)))


async def _drawable(application: str) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(settled(application, SEED), Path(folder))
        target = _Remembering(stage.engineer, stage.plane)
        found = []
        for fault in FAULTS:
            try:
                await draw(fault, target, stage.namespace, SEED)
            except AiopsError:
                continue  # this application has nothing of the kind
            found.append(fault.name)
        return found
