"""Puts an object back to a state that it had, also while others write to it."""

from __future__ import annotations

from aiops.core.entity import Entity, Manifest
from aiops.core.errors import ConflictError, NotFoundError, ServiceError
from aiops.core.fields import BOOKKEEPING, desired
from aiops.core.kubernetes_api import KubernetesApi

WRITE_ATTEMPTS = 5
"""Tries to put an object back while others write to it."""

_INVALID = 422


async def restore_object(kube: KubernetesApi, entity: Entity, before: Manifest | None) -> bool:
    """Replace, create or delete the object, so that its desired state is that of `before`; None: there was none.

    Says whether it had to be changed. Raises `ConflictError` where others wrote to it at every try."""
    for _ in range(WRITE_ATTEMPTS - 1):
        try:
            return await _restore_once(kube, entity, before)
        except ConflictError:
            continue
    return await _restore_once(kube, entity, before)


async def present_object(kube: KubernetesApi, entity: Entity) -> Manifest | None:
    """The object as it is; None where there is none."""
    try:
        return await kube.get(entity)
    except NotFoundError:
        return None


async def _restore_once(kube: KubernetesApi, entity: Entity, before: Manifest | None) -> bool:
    present = await present_object(kube, entity)
    if before is None:
        if present is not None:
            await kube.delete(entity, uid=present["metadata"]["uid"])
        return present is not None
    if present is None:
        await kube.create(desired(before))
        return True
    if desired(present) == desired(before):
        return False
    restored = _restored(present, before)
    try:
        await kube.replace(restored)
    except ServiceError as error:
        if entity.kind != "Service" or error.status != _INVALID:
            raise
        await kube.replace(_at_any_address(restored))
    return True


def _at_any_address(service: Manifest) -> Manifest:
    """A Service whose address somebody else has got meanwhile, or that has another one: names lead to any."""
    spec = {name: value for name, value in service["spec"].items() if name not in ("clusterIP", "clusterIPs")}
    return {**service, "spec": spec}


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
