"""Fault: pods mount a claim that is not there."""

from __future__ import annotations

from typing import Annotated

from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.volumes import claim, claims_met, classes, mounting
from aiops.faults.parameters import one_of, pick
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _present(target: Target, before: Before, deployment: Entity, use: str) -> bool:
    return not await claims_met(target, deployment)


async def _other_fix(target: Target, before: Before, deployment: Entity, use: str) -> None:
    """Somebody makes the claim."""
    storage_class = (await classes(target))[0]
    await target.create(claim(deployment.namespace, f"{deployment.name}-{use}", "5Gi", storage_class, _SHARED))


_SHARED = ("ReadWriteOnce",)


@fault(
    Mechanism.STORAGE_CLAIM,
    entities=("Deployment",),
    felt="rollout",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "storage", "rollout"}),
)
async def missing_claim(
    target: Target,
    deployment: Annotated[Entity, pick("Deployment")],
    use: Annotated[str, one_of("cache", "spool", "uploads", "reports", "tmp")],
) -> GroundTruth:
    """A Deployment is rolled out with a volume whose PersistentVolumeClaim nobody made: its new pods stay pending."""
    manifest = await target.get(deployment)
    await target.patch(deployment, mounting(manifest, f"{deployment.name}-{use}", f"/var/lib/{use}"))
    return GroundTruth(subject=deployment, mechanism=Mechanism.STORAGE_CLAIM, field="spec.template.spec.volumes")
