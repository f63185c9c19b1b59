"""On which nodes pods run, may run, or have to run."""

from __future__ import annotations

from collections.abc import Iterable

from aiops.core.entity import Entity, Manifest
from aiops.core.errors import NotPossibleError
from aiops.core.target import Target
from aiops.faults.kit.workloads import Labels

HOSTNAME = "kubernetes.io/hostname"
CORDONED = "node.kubernetes.io/unschedulable"


def node_entity(name: str) -> Entity:
    """The Node of this name."""
    return Entity(kind="Node", namespace="", name=name)


def claims_of(pod: Manifest) -> tuple[str, ...]:
    """The PersistentVolumeClaims that a pod mounts."""
    volumes = pod["spec"].get("volumes") or ()
    return tuple(each["persistentVolumeClaim"]["claimName"] for each in volumes if each.get("persistentVolumeClaim"))


def is_ready(pod: Manifest) -> bool:
    """Whether a pod may be sent requests."""
    conditions = (pod.get("status") or {}).get("conditions") or ()
    return any((each["type"], each["status"]) == ("Ready", "True") for each in conditions)


async def nodes_in_use(target: Target, namespace: str) -> list[Entity]:
    """The nodes on which ready pods of a namespace run, by name."""
    pods = await target.list("Pod", namespace)
    names = {str(pod["spec"]["nodeName"]) for pod in pods if pod["spec"].get("nodeName") and is_ready(pod)}
    return [node_entity(name) for name in sorted(names)]


async def nodes_with_claims(target: Target, namespace: str) -> list[Entity]:
    """The nodes in use whose pods hold claims, in whatever namespace: such pods cannot go elsewhere."""
    held = {pod["spec"].get("nodeName") for pod in await target.list("Pod", "") if claims_of(pod)}
    return [node for node in await nodes_in_use(target, namespace) if node.name in held]


async def nodes_that_can_be_emptied(target: Target, namespace: str) -> list[Entity]:
    """The nodes in use of which every pod may go to another one."""
    pods = await target.list("Pod", "")
    tied = {pod["spec"].get("nodeName") for pod in pods if claims_of(pod) or pod["spec"].get("nodeSelector")}
    return [node for node in await nodes_in_use(target, namespace) if node.name not in tied]


async def empty(target: Target, node: Entity) -> None:
    """Cordon a node, and delete what runs there and can go elsewhere."""
    await target.patch(node, {"spec": {"unschedulable": True}})
    for pod in await target.list("Pod", ""):
        owners = {owner["kind"] for owner in pod["metadata"].get("ownerReferences") or ()}
        if pod["spec"].get("nodeName") == node.name and owners & {"ReplicaSet", "StatefulSet"}:
            meta = pod["metadata"]
            await target.delete(Entity(kind="Pod", namespace=meta["namespace"], name=meta["name"]))


async def runs_on(target: Target, namespace: str, node: Entity) -> bool:
    """Whether pods of a namespace are on a node, and not on their way out."""
    return any(
        pod["spec"].get("nodeName") == node.name and not pod["metadata"].get("deletionTimestamp")
        for pod in await target.list("Pod", namespace)
    )


async def homes(target: Target, pods: Iterable[Manifest]) -> list[Entity]:
    """The nodes on which these pods may run: those where their volumes are, or all that their template admits, cordoned
    or not. Raises `NotPossibleError` where there are no pods."""
    pods = list(pods)
    if not pods:
        raise NotPossibleError("no pods of it run")
    if any(claims_of(pod) for pod in pods):
        return [node_entity(name) for name in sorted({str(pod["spec"]["nodeName"]) for pod in pods})]
    spec = pods[0]["spec"]
    found = [node for node in await target.list("Node", "") if admits(node, spec)]
    return [node_entity(name) for name in sorted(str(node["metadata"]["name"]) for node in found)]


def admits(node: Manifest, pod_spec: Manifest) -> bool:
    """Whether labels and taints of a node admit a pod; that it is cordoned does not matter."""
    labels: Labels = node["metadata"].get("labels") or {}
    tolerations = pod_spec.get("tolerations") or ()
    return (pod_spec.get("nodeSelector") or {}).items() <= labels.items() and all(
        any(_covers(toleration, taint) for toleration in tolerations)
        for taint in node["spec"].get("taints") or ()
        if taint["effect"] != "PreferNoSchedule" and taint["key"] != CORDONED
    )


def _covers(toleration: Manifest, taint: Manifest) -> bool:
    if toleration.get("effect") not in (None, "", taint["effect"]) or toleration.get("key") not in (None, taint["key"]):
        return False
    return toleration.get("operator") == "Exists" or (toleration.get("value") or "") == (taint.get("value") or "")
