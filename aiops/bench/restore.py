"""Put an object back to a state that it had."""

from __future__ import annotations

from aiops.core.entity import Entity, Manifest
from aiops.core.errors import NotFoundError
from aiops.core.fields import desired
from aiops.core.kubernetes_api import KubernetesApi


async def put_back(kube: KubernetesApi, entity: Entity, before: Manifest | None) -> None:
    """Replace, create or delete the object, so that its desired state is `before`; None: there was none."""
    try:
        present = await kube.get(entity)
    except NotFoundError:
        if before is not None:
            await kube.create(desired(before))
        return
    if before is None:
        await kube.delete(entity)
        return
    state = desired(before)
    own = present["metadata"]
    kept = {"uid": own["uid"], "resourceVersion": own["resourceVersion"]}
    await kube.replace({**state, "metadata": {**state["metadata"], **kept}})
