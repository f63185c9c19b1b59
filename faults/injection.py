"""Injects a fault through the Kubernetes API and a driver of the data plane, and takes it back from the journal."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

from aiops.core.disturbance import Disturbance
from aiops.core.entity import Entity, Manifest
from aiops.core.errors import AiopsError, ConflictError, NotFoundError, NotPossibleError, NotSupportedError
from aiops.core.kubernetes_api import KubernetesApi, PatchType
from aiops.core.model import Value
from aiops.core.target import DataPlane, Standing, Target
from aiops.faults.fence import Fence
from aiops.faults.journal import InjectionJournal
from aiops.faults.parameters import draw_arguments
from aiops.faults.registry import Before, Fault
from aiops.faults.restoring import present_object, restore_object
from aiops.faults.truth import GroundTruth


class Injection(Value):
    """A fault that was injected: with which arguments, and what is broken now."""

    id: str
    fault: str
    arguments: dict[str, str | int]
    truth: GroundTruth


class DirectTarget:
    """A `Target` over the Kubernetes API, and a data plane where it has one, that journals nothing: for reading, and
    for what is not to be taken back."""

    def __init__(self, kube: KubernetesApi, plane: DataPlane | None = None) -> None:
        self._kube = kube
        self._plane = plane

    async def get(self, entity: Entity) -> Manifest:
        return await self._kube.get(entity)

    async def list(self, kind: str, namespace: str) -> list[Manifest]:
        return await self._kube.list(kind, namespace)

    async def patch(self, entity: Entity, body: Any, patch_type: PatchType = "strategic") -> Manifest:
        return await self._kube.patch(entity, body, patch_type)

    async def create(self, manifest: Manifest) -> Manifest:
        return await self._kube.create(manifest)

    async def delete(self, entity: Entity) -> None:
        await self._kube.delete(entity)

    async def disturb(self, disturbance: Disturbance) -> str:
        name = _id_of(disturbance, "", 0)
        await self._driver(disturbance).begin(name, disturbance)
        return name

    async def undisturb(self, disturbance_id: str) -> bool:
        return await self._plane.end(disturbance_id) if self._plane else False

    async def disturbances(self) -> Mapping[str, Standing]:
        return await self._plane.standing() if self._plane else {}

    async def feels(self, disturbance: Disturbance) -> bool:
        return await self._plane.feels(disturbance) if self._plane else False

    async def reliance(self) -> Mapping[str, float]:
        return await self._plane.reliance() if self._plane else {}

    def _driver(self, disturbance: Disturbance) -> DataPlane:
        if self._plane is None:
            raise NotSupportedError(f"{disturbance.kind}: this target is only reached through the Kubernetes API")
        return self._plane


class RememberingTarget(DirectTarget):
    """For choosing what to break: it asks only once for each object and each list, since nothing moves meanwhile. What
    it gives is shared: who reads it changes nothing in it."""

    def __init__(self, kube: KubernetesApi, plane: DataPlane | None = None) -> None:
        super().__init__(kube, plane)
        self._lists: dict[tuple[str, str], list[Manifest]] = {}
        self._objects: dict[Entity, Manifest] = {}
        self._relied: Mapping[str, float] | None = None

    async def list(self, kind: str, namespace: str) -> list[Manifest]:
        if (kind, namespace) not in self._lists:
            self._lists[kind, namespace] = await super().list(kind, namespace)
        return self._lists[kind, namespace]

    async def get(self, entity: Entity) -> Manifest:
        if entity not in self._objects:
            self._objects[entity] = await super().get(entity)
        return self._objects[entity]

    async def reliance(self) -> Mapping[str, float]:
        if self._relied is None:
            self._relied = await super().reliance()
        return self._relied


class JournaledTarget(DirectTarget):
    """Journals every object as it is before it is written; not what a controller made, which makes it again.

    What is only read is journaled as well: whether the root condition is there is told by how things were."""

    def __init__(
        self,
        kube: KubernetesApi,
        journal: InjectionJournal,
        injection: str,
        plane: DataPlane | None = None,
        fence: Fence | None = None,
    ) -> None:
        super().__init__(kube, plane)
        self._journal = journal
        self._injection = injection
        self._fence = fence or Fence()

    async def get(self, entity: Entity) -> Manifest:
        present = await super().get(entity)
        self._journal.read(self._injection, entity, present)
        return present

    async def patch(self, entity: Entity, body: Any, patch_type: PatchType = "strategic") -> Manifest:
        self._fence.check(entity)
        self._journal.intend(self._injection, entity, await self._kube.get(entity))
        return await super().patch(entity, body, patch_type)

    async def create(self, manifest: Manifest) -> Manifest:
        entity = Entity.of(manifest)
        self._fence.check(entity)
        if await present_object(self._kube, entity) is not None:
            raise ConflictError(f"{entity} already exists")
        self._journal.intend(self._injection, entity, None)
        return await super().create(manifest)

    async def delete(self, entity: Entity) -> None:
        self._fence.check(entity)
        present = await self._kube.get(entity)
        if not any(owner.get("controller") for owner in present["metadata"].get("ownerReferences") or ()):
            self._journal.intend(self._injection, entity, present)
        await super().delete(entity)

    async def disturb(self, disturbance: Disturbance) -> str:
        driver = self._driver(disturbance)
        name = _id_of(disturbance, self._injection, len(self._journal.disturbances(self._injection)))
        self._journal.disturb(self._injection, name, disturbance)
        await driver.begin(name, disturbance)
        return name


def _id_of(disturbance: Disturbance, injection: str, number: int) -> str:
    """An id that tells nothing: where a driver makes objects of it, everybody can read their names."""
    text = f"{injection}/{number}/{disturbance.model_dump_json()}"
    return f"d{sha256(text.encode()).hexdigest()[:12]}"


async def inject_drawn(
    fault: Fault,
    kube: KubernetesApi,
    journal: Path,
    namespace: str,
    seed: int,
    plane: DataPlane | None = None,
    fence: Fence | None = None,
) -> Injection:
    """Inject a fault with arguments that the seed draws from what is in use in the namespace.

    Raises `NotPossibleError` where nothing there can be broken in this way, or not within the fence.
    """
    arguments = await draw(fault, RememberingTarget(kube, plane), namespace, seed)
    return await inject(fault, kube, journal, arguments, plane, fence)


async def draw(fault: Fault, target: Target, namespace: str, seed: int) -> dict[str, Any]:
    """The arguments of a fault that the seed draws; where users are to feel it in their requests, of what enough of
    these rely on. Raises `NotPossibleError` where nothing fits."""
    relied = await target.reliance() if fault.felt == "requests" else {}
    return await draw_arguments(fault.parameters, target, namespace, Random(f"{fault.name}:{seed}"), relied)


async def inject(
    fault: Fault,
    kube: KubernetesApi,
    journal: Path,
    arguments: dict[str, Any],
    plane: DataPlane | None = None,
    fence: Fence | None = None,
) -> Injection:
    """Inject a fault with these arguments. Where that fails half-way, what was done is taken back."""
    lines = InjectionJournal(journal)
    injection = lines.begin(fault.name)
    try:
        truth = await fault.function(JournaledTarget(kube, lines, injection, plane, fence), **arguments)
    except AiopsError:
        await revert(kube, journal, injection, plane)
        raise
    written = {name: value if isinstance(value, int) else str(value) for name, value in arguments.items()}
    return Injection(id=injection, fault=fault.name, arguments=written, truth=truth)


async def is_present(
    fault: Fault, kube: KubernetesApi, journal: Path, injection: Injection, plane: DataPlane | None = None
) -> bool:
    """Whether the root condition of an injection is still there, however it may have been removed.

    Where an object that it is about is gone, it is: to delete what is ill is no cure."""
    before, arguments = _recalled(fault, journal, injection)
    try:
        return await fault.present(DirectTarget(kube, plane), before, **arguments)
    except NotFoundError:
        return True


async def fix_otherwise(
    fault: Fault, kube: KubernetesApi, journal: Path, injection: Injection, plane: DataPlane | None = None
) -> None:
    """Remove the root condition in another correct way than `revert` does. Raises `NotPossibleError` where the fault
    has no cure through the Kubernetes API."""
    if fault.other_fix is None:
        raise NotPossibleError(f"{fault.name}: nothing that the Kubernetes API can do cures it")
    before, arguments = _recalled(fault, journal, injection)
    await fault.other_fix(DirectTarget(kube, plane), before, **arguments)


def _recalled(fault: Fault, journal: Path, injection: Injection) -> tuple[Before, dict[str, Any]]:
    """The objects before an injection, and its arguments."""
    arguments = {name: draw.parse(injection.arguments[name]) for name, draw in fault.parameters.items()}
    return InjectionJournal(journal).before(injection.id), arguments


async def revert(kube: KubernetesApi, journal: Path, injection: str, plane: DataPlane | None = None) -> int:
    """Put every object of an injection back to its desired state before it, end its disturbances, and say how many of
    both had to be changed.

    Works after a crash at any point, and does nothing where the injection was taken back already. Raises
    `NotPossibleError` where a later injection on the same object must be taken back first (it would put this one back),
    and `NotSupportedError` where disturbances must be ended and there is no driver.
    """
    lines = InjectionJournal(journal)
    if lines.is_reverted(injection):
        return 0
    if later := lines.built_on(injection):
        raise NotPossibleError(f"{later} came after {injection} on the same object: take {later} back first")
    disturbances = lines.disturbances(injection)
    if disturbances and plane is None:
        raise NotSupportedError(
            f"{injection} disturbed the data plane, which is not reached through the Kubernetes API"
        )
    changed = [await restore_object(kube, entity, before) for entity, before in lines.originals(injection)]
    if plane is not None:
        changed += [await plane.end(name) for name in reversed(disturbances)]
    lines.reverted(injection)
    return sum(changed)
