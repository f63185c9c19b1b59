"""A driver that lets Chaos Mesh disturb a real cluster: it makes and deletes its objects, and nothing else.

What it may do is what it needs (`needed_rules`): create, get, list and delete the kinds of Chaos Mesh that it makes, in
the namespace of its objects, and in each namespace whose pods are chosen, as Chaos Mesh itself asks for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from aiops.core.disturbance import Disturbance, disturbance_of
from aiops.core.entity import Entity, Manifest
from aiops.core.errors import ConflictError, InvalidInputError, NotFoundError, NotSupportedError
from aiops.core.fields import desired
from aiops.core.kubernetes_api import KubernetesApi
from aiops.core.target import Standing
from aiops.faults.planes.chaos_objects import GROUP, KINDS, chaos_object

_SAID = "requested-as"
"""The annotation that keeps what was asked for, in a namespace of its own."""


class ChaosMesh:
    """Implements `core.target.DataPlane`. `namespace` is where the objects are made: one that nobody else reads, since
    they say what they do."""

    def __init__(self, kube: KubernetesApi, namespace: str) -> None:
        self._kube = kube
        self._namespace = namespace

    async def begin(self, disturbance_id: str, disturbance: Disturbance) -> None:
        manifest = chaos_object(disturbance_id, self._namespace, disturbance)
        manifest["metadata"]["annotations"] = {_SAID: disturbance.model_dump_json()}
        try:
            await self._kube.create(manifest)
        except ConflictError:
            present = await self._kube.get(Entity.of(manifest))
            if desired(present)["spec"] != manifest["spec"]:
                raise
        except (InvalidInputError, NotFoundError) as error:
            raise NotSupportedError(f"{disturbance.kind}: this cluster has no {manifest['kind']} ({error})") from error

    async def end(self, disturbance_id: str) -> bool:
        ended = False
        for kind in KINDS:
            try:
                await self._kube.delete(Entity(kind=kind, namespace=self._namespace, name=disturbance_id))
                ended = True
            except (InvalidInputError, NotFoundError):
                continue
        return ended

    async def feels(self, disturbance: Disturbance) -> bool:
        """Whether Chaos Mesh has it: whom its objects reach it tells only when they are there."""
        try:
            chaos_object("d", self._namespace, disturbance)
        except NotSupportedError:
            return False
        return True

    async def reliance(self) -> Mapping[str, float]:
        """Nobody says what users of a real cluster rely on."""
        return {}

    async def standing(self) -> Mapping[str, Standing]:
        found = [manifest for kind in KINDS for manifest in await self._all(kind)]
        found.sort(key=lambda manifest: (manifest["metadata"]["creationTimestamp"], manifest["metadata"]["name"]))
        return {manifest["metadata"]["name"]: _standing(manifest) for manifest in found}

    async def _all(self, kind: str) -> list[Manifest]:
        """Those of a kind that were made here."""
        try:
            manifests = await self._kube.list(kind, self._namespace)
        except (InvalidInputError, NotFoundError):
            return []
        return [manifest for manifest in manifests if _SAID in (manifest["metadata"].get("annotations") or {})]


def needed_rules() -> list[dict[str, Any]]:
    """The RBAC rules without which this driver cannot work, for a Role in each of its namespaces."""
    return [{"apiGroups": [GROUP], "resources": sorted(KINDS.values()), "verbs": ["create", "delete", "get", "list"]}]


def _standing(manifest: Manifest) -> Standing:
    disturbance = disturbance_of(orjson.loads(manifest["metadata"]["annotations"][_SAID]))
    conditions = (manifest.get("status") or {}).get("conditions") or ()
    injected = any(entry["type"] == "AllInjected" and entry["status"] == "True" for entry in conditions)
    return Standing(disturbance=disturbance, in_effect=injected)
