"""Fault: a ResourceQuota that leaves no room for one more pod."""

from __future__ import annotations

from typing import Annotated

from aiops.core.entity import Entity, Manifest
from aiops.core.mechanism import Mechanism
from aiops.core.quantity import cpu, memory, parse_quantity
from aiops.core.target import Target
from aiops.faults.kit.workloads import find, original
from aiops.faults.parameters import one_of, pick, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

CHECKSUM = "checksum/config"


async def _present(target: Target, before: Before, deployment: Entity, name: str, resource: str, checksum: int) -> bool:
    """Every quota must have room for one more pod of the Deployment."""
    template = ((await find(target, deployment)) or original(before, deployment))["spec"]["template"]
    used = await _used(target, deployment.namespace, resource)
    for quota in await target.list("ResourceQuota", deployment.namespace):
        hard = (quota["spec"].get("hard") or {}).get(resource)
        if hard is not None and parse_quantity(hard) < used + _amount(template["spec"], resource):
            return True
    return False


async def _other_fix(
    target: Target, before: Before, deployment: Entity, name: str, resource: str, checksum: int
) -> None:
    """Twice as much."""
    hard = {resource: _written(2 * await _used(target, deployment.namespace, resource), resource)}
    await target.patch(_quota(deployment, name), {"spec": {"hard": hard}}, "merge")


@fault(
    Mechanism.RESOURCE_QUOTA,
    entities=("ResourceQuota",),
    felt="rollout",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "rollout"}),
)
async def quota_exhausted(
    target: Target,
    deployment: Annotated[Entity, pick("Deployment")],
    name: Annotated[str, one_of("team", "compute", "budget", "tenant-limits")],
    resource: Annotated[str, one_of("pods", "requests.cpu", "limits.memory", "requests.memory")],
    checksum: Annotated[int, whole(0x10000000, 0xFFFFFFFF)],
) -> GroundTruth:
    """A quota is set to what is in use, and a rollout that follows cannot make its first pod."""
    hard = {resource: _written(await _used(target, deployment.namespace, resource), resource)}
    metadata = {"name": name, "namespace": deployment.namespace}
    await target.create({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": metadata, "spec": {"hard": hard}})
    annotations = {CHECKSUM: f"{checksum:08x}"}
    await target.patch(deployment, {"spec": {"template": {"metadata": {"annotations": annotations}}}})
    return GroundTruth(
        subject=_quota(deployment, name), mechanism=Mechanism.RESOURCE_QUOTA, field=f"spec.hard[{resource}]"
    )


def _quota(deployment: Entity, name: str) -> Entity:
    return Entity(kind="ResourceQuota", namespace=deployment.namespace, name=name)


async def _used(target: Target, namespace: str, resource: str) -> float:
    """What the pods of a namespace count against a quota."""
    return sum(
        _amount(pod["spec"], resource)
        for pod in await target.list("Pod", namespace)
        if (pod.get("status") or {}).get("phase") not in ("Succeeded", "Failed")
    )


def _amount(pod_spec: Manifest, resource: str) -> float:
    if resource == "pods":
        return 1.0
    side, _, name = resource.partition(".")
    amounts = [
        ((container.get("resources") or {}).get(side) or {}).get(name, "0") for container in pod_spec["containers"]
    ]
    return sum(map(parse_quantity, amounts))


def _written(amount: float, resource: str) -> str:
    if resource == "pods":
        return str(round(amount))
    return cpu(amount) if resource.endswith("cpu") else memory(amount)
