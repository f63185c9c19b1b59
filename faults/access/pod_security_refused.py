"""Fault: a namespace enforces a Pod Security Standard that its workloads do not keep."""

from __future__ import annotations

from typing import Annotated

from aiops.core.entity import Entity, Manifest
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.candidates import callers
from aiops.faults.kit.rolling import roll_out
from aiops.faults.kit.workloads import containers, find
from aiops.faults.parameters import choose, one_of, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

ENFORCE = "pod-security.kubernetes.io/enforce"
WARN = "pod-security.kubernetes.io/warn"
VERSION = "pod-security.kubernetes.io/enforce-version"
STRICT = "restricted"


async def _present(target: Target, before: Before, deployment: Entity, version: str, revision: int) -> bool:
    """The namespace must not enforce what the pods of any of its Deployments do not keep."""
    labels = (await target.get(_namespace(deployment)))["metadata"].get("labels") or {}
    if await find(target, deployment) is None:
        return True
    deployments = await target.list("Deployment", deployment.namespace)
    return labels.get(ENFORCE) == STRICT and not all(_keeps(item) for item in deployments)


async def _other_fix(target: Target, before: Before, deployment: Entity, version: str, revision: int) -> None:
    """The standard is only warned of, and a laxer one enforced."""
    labels = {ENFORCE: "baseline", WARN: STRICT}
    await target.patch(_namespace(deployment), {"metadata": {"labels": labels}}, "merge")


@fault(
    Mechanism.ADMISSION_POD_SECURITY,
    entities=("Namespace",),
    felt="rollout",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "security"}),
)
async def pod_security_refused(
    target: Target,
    deployment: Annotated[Entity, choose("a Deployment that calls Services", callers, Entity.parse)],
    version: Annotated[str, one_of("latest", "v1.28", "v1.30")],
    revision: Annotated[int, whole(2, 60)],
) -> GroundTruth:
    """A namespace enforces the restricted Pod Security Standard: new pods of a rollout are refused."""
    namespace = _namespace(deployment)
    await target.patch(namespace, {"metadata": {"labels": {ENFORCE: STRICT, VERSION: version}}}, "merge")
    await roll_out(target, deployment, revision)
    return GroundTruth(
        subject=namespace, mechanism=Mechanism.ADMISSION_POD_SECURITY, field=f"metadata.labels[{ENFORCE}]"
    )


def _namespace(deployment: Entity) -> Entity:
    return Entity(kind="Namespace", name=deployment.namespace)


def _keeps(deployment: Manifest) -> bool:
    """Whether the pods say what the restricted standard asks of every pod."""
    pod = deployment["spec"]["template"]["spec"].get("securityContext") or {}
    own = [container.get("securityContext") or {} for container in containers(deployment)]
    return all(
        (context.get("runAsNonRoot") or pod.get("runAsNonRoot"))
        and (context.get("seccompProfile") or pod.get("seccompProfile"))
        and context.get("allowPrivilegeEscalation") is False
        and "ALL" in ((context.get("capabilities") or {}).get("drop") or ())
        for context in own
    )
