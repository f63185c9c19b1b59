"""The obvious fixes of `status-rules`."""

from __future__ import annotations

from typing import Any

from aiops.core.entity import Entity, Manifest
from aiops.core.fields import read
from aiops.core.kubernetes_api import KubernetesApi
from aiops.core.quantity import memory, parse_quantity
from aiops.core.wellknown import POD_TEMPLATE_HASH, REVISION


async def roll_back(kube: KubernetesApi, deployment: Manifest, template: Manifest) -> None:
    """As `kubectl rollout undo` does it: the whole pod template of the revision before."""
    body = [{"op": "replace", "path": "/spec/template", "value": template}]
    await kube.patch(Entity.of(deployment), body, "json")


async def raise_memory_limit(kube: KubernetesApi, deployment: Manifest) -> None:
    """Twice the memory limit of the first container."""
    container = deployment["spec"]["template"]["spec"]["containers"][0]
    limit = parse_quantity(read(container, "resources.limits.memory") or "128Mi")
    resources = {"limits": {"memory": memory(2 * limit)}}
    await _patch_template(kube, deployment, {"containers": [{"name": container["name"], "resources": resources}]})


async def drop_node_selector(kube: KubernetesApi, deployment: Manifest) -> None:
    """Let its pods run on every node."""
    await _patch_template(kube, deployment, {"nodeSelector": None})


async def scale(kube: KubernetesApi, deployment: Manifest, replicas: int) -> None:
    """Set the number of replicas."""
    await kube.patch(Entity.of(deployment), {"spec": {"replicas": replicas}}, "merge")


async def select(kube: KubernetesApi, service: Manifest, deployment: Manifest) -> None:
    """Select what the Deployment selects."""
    before = dict.fromkeys(service["spec"]["selector"])
    selector = {**before, **deployment["spec"]["selector"]["matchLabels"]}
    await kube.patch(Entity.of(service), {"spec": {"selector": selector}}, "merge")


async def send_to(kube: KubernetesApi, service: Manifest, port: int) -> None:
    """Send the first port to this port of its pods."""
    first, *others = service["spec"]["ports"]
    await kube.patch(Entity.of(service), {"spec": {"ports": [{**first, "targetPort": port}, *others]}}, "merge")


def previous_template(deployment: Manifest, replica_sets: list[Manifest]) -> Manifest | None:
    """The pod template of the revision before the present one; None where there is none."""
    own = [item for item in replica_sets if _owned(item, deployment)]
    own.sort(key=_revision)
    if len(own) < 2:
        return None
    template: dict[str, Any] = own[-2]["spec"]["template"]
    labels = {key: value for key, value in template["metadata"]["labels"].items() if key != POD_TEMPLATE_HASH}
    return {**template, "metadata": {**template["metadata"], "labels": labels}}


def _owned(item: Manifest, owner: Manifest) -> bool:
    uid = owner["metadata"]["uid"]
    return any(reference["uid"] == uid for reference in item["metadata"].get("ownerReferences") or ())


def _revision(replica_set: Manifest) -> int:
    return int((replica_set["metadata"].get("annotations") or {}).get(REVISION, 0))


async def _patch_template(kube: KubernetesApi, deployment: Manifest, spec: dict[str, Any]) -> None:
    await kube.patch(Entity.of(deployment), {"spec": {"template": {"spec": spec}}}, "strategic")
