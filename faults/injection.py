"""Injects a fault through the Kubernetes API, and takes it back from the journal."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

from aiops.core.entity import Entity, Manifest
from aiops.core.errors import AiopsError, ConflictError, NotFoundError, NotPossibleError
from aiops.core.fields import BOOKKEEPING, desired
from aiops.core.kubernetes_api import KubernetesApi, PatchType
from aiops.core.model import Value
from aiops.faults.journal import InjectionJournal
from aiops.faults.parameters import draw_arguments
from aiops.faults.registry import Before, Fault
from aiops.faults.truth import GroundTruth

WRITE_ATTEMPTS = 5
"""Tries to put an object back while others write to it."""


class Injection(Value):
    """A fault that was injected: with which arguments, and what is broken now."""

    id: str
    fault: str
    arguments: dict[str, str | int]
    truth: GroundTruth


class DirectTarget:
    """A `Target` over the Kubernetes API that journals nothing: for reading, and for what is not to be taken back."""

    def __init__(self, kube: KubernetesApi) -> None:
        self._kube = kube

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


class JournaledTarget(DirectTarget):
    """Journals every object as it is before it is written; not what a controller made, which makes it again."""

    def __init__(self, kube: KubernetesApi, journal: InjectionJournal, injection: str) -> None:
        super().__init__(kube)
        self._journal = journal
        self._injection = injection

    async def patch(self, entity: Entity, body: Any, patch_type: PatchType = "strategic") -> Manifest:
        self._journal.intend(self._injection, entity, await self._kube.get(entity))
        return await super().patch(entity, body, patch_type)

    async def create(self, manifest: Manifest) -> Manifest:
        entity = Entity.of(manifest)
        if await _present(self._kube, entity) is not None:
            raise ConflictError(f"{entity} already exists")
        self._journal.intend(self._injection, entity, None)
        return await super().create(manifest)

    async def delete(self, entity: Entity) -> None:
        present = await self._kube.get(entity)
        if not any(owner.get("controller") for owner in present["metadata"].get("ownerReferences") or ()):
            self._journal.intend(self._injection, entity, present)
        await super().delete(entity)


async def inject_drawn(fault: Fault, kube: KubernetesApi, journal: Path, namespace: str, seed: int) -> Injection:
    """Inject a fault with arguments that the seed draws from what is in use in the namespace.

    Raises `NotPossibleError` where nothing there can be broken in this way.
    """
    arguments = await draw_arguments(fault.parameters, DirectTarget(kube), namespace, Random(f"{fault.name}:{seed}"))
    return await inject(fault, kube, journal, arguments)


async def inject(fault: Fault, kube: KubernetesApi, journal: Path, arguments: dict[str, Any]) -> Injection:
    """Inject a fault with these arguments. Where that fails half-way, what was done is taken back."""
    lines = InjectionJournal(journal)
    injection = lines.begin(fault.name)
    try:
        truth = await fault.function(JournaledTarget(kube, lines, injection), **arguments)
    except AiopsError:
        await revert(kube, journal, injection)
        raise
    written = {name: value if isinstance(value, int) else str(value) for name, value in arguments.items()}
    return Injection(id=injection, fault=fault.name, arguments=written, truth=truth)


async def is_present(fault: Fault, kube: KubernetesApi, journal: Path, injection: Injection) -> bool:
    """Whether the root condition of an injection is still there, however it may have been removed."""
    before, arguments = _recalled(fault, journal, injection)
    return await fault.present(DirectTarget(kube), before, **arguments)


async def fix_otherwise(fault: Fault, kube: KubernetesApi, journal: Path, injection: Injection) -> None:
    """Remove the root condition in another correct way than `revert` does."""
    before, arguments = _recalled(fault, journal, injection)
    await fault.other_fix(DirectTarget(kube), before, **arguments)


def _recalled(fault: Fault, journal: Path, injection: Injection) -> tuple[Before, dict[str, Any]]:
    """The objects before an injection, and its arguments."""
    arguments = {name: draw.parse(injection.arguments[name]) for name, draw in fault.parameters.items()}
    return dict(InjectionJournal(journal).originals(injection.id)), arguments


async def revert(kube: KubernetesApi, journal: Path, injection: str) -> int:
    """Put every object of an injection back to its desired state before it, and say how many had to be changed.

    Works after a crash at any point, and does nothing where the injection was taken back already. Raises
    `NotPossibleError` where a later injection on the same object must be taken back first: it would put this one back.
    """
    lines = InjectionJournal(journal)
    if lines.is_reverted(injection):
        return 0
    if later := lines.built_on(injection):
        raise NotPossibleError(f"{later} came after {injection} on the same object: take {later} back first")
    changed = [await _restore(kube, entity, before) for entity, before in lines.originals(injection)]
    lines.reverted(injection)
    return sum(changed)


async def _restore(kube: KubernetesApi, entity: Entity, before: Manifest | None) -> bool:
    for _ in range(WRITE_ATTEMPTS - 1):
        try:
            return await _restore_once(kube, entity, before)
        except ConflictError:
            continue
    return await _restore_once(kube, entity, before)


async def _restore_once(kube: KubernetesApi, entity: Entity, before: Manifest | None) -> bool:
    present = await _present(kube, entity)
    if before is None:
        if present is not None:
            await kube.delete(entity, uid=present["metadata"]["uid"])
        return present is not None
    if present is None:
        await kube.create(desired(before))
        return True
    if desired(present) == desired(before):
        return False
    await kube.replace(_restored(present, before))
    return True


def _restored(present: Manifest, before: Manifest) -> Manifest:
    """The desired state of `before` on the object as it is: same identity, version and bookkeeping."""
    state = desired(before)
    own = present["metadata"]
    kept = {key: value for key, value in (own.get("annotations") or {}).items() if key.startswith(BOOKKEEPING)}
    annotations = {**state["metadata"].get("annotations", {}), **kept}
    metadata = {**state["metadata"], "uid": own["uid"], "resourceVersion": own["resourceVersion"]}
    if annotations:
        metadata["annotations"] = annotations
    return {**state, "metadata": metadata}


async def _present(kube: KubernetesApi, entity: Entity) -> Manifest | None:
    try:
        return await kube.get(entity)
    except NotFoundError:
        return None
