"""Fault: a canary that fails what it gets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.disturbance.behaviour import OperationErrors
from aiops.core.disturbance.process import Release
from aiops.core.entity import Entity, Manifest
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.busy import services_in_use
from aiops.faults.kit.draws import Bump
from aiops.faults.kit.releases import reference, version_after
from aiops.faults.kit.reliance import share_of
from aiops.faults.kit.workloads import containers, find, original
from aiops.faults.parameters import choose, one_of, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

MANY = 0.3
"""The share of users' requests that has to need a Deployment: half of its answers fail, of which callers ask again."""


async def _much_used(target: Target, namespace: str) -> Sequence[Entity]:
    relied = await target.reliance()
    found = [Entity.of(item) for item in await services_in_use(target, namespace)]
    return [each for each in found if share_of(str(each), relied) >= MANY]


def _canary(deployment: Manifest, track: str, version: str) -> Manifest:
    """A second Deployment of as many pods, which carry all labels of the first one's, and one more."""
    meta, spec = deployment["metadata"], deployment["spec"]
    template: Manifest = {
        "metadata": {"labels": {**spec["template"]["metadata"]["labels"], "track": track}},
        "spec": {**spec["template"]["spec"], "containers": [dict(each) for each in containers(deployment)]},
    }
    first = template["spec"]["containers"][0]
    first["image"] = f"{reference(first['image'])[0]}:{version}"
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": f"{meta['name']}-{track}",
            "namespace": meta["namespace"],
            "labels": {**(meta.get("labels") or {}), "track": track},
        },
        "spec": {
            "replicas": spec.get("replicas", 1),
            "selector": {"matchLabels": {**spec["selector"]["matchLabels"], "track": track}},
            "template": template,
        },
    }


def _new(deployment: Manifest, bump: str) -> tuple[str, str]:
    repository, old = reference(containers(deployment)[0]["image"])
    return repository, version_after(old, bump)


async def _present(target: Target, before: Before, deployment: Entity, bump: str, track: str, percent: int) -> bool:
    """Whether the second Deployment asks for pods of the new version."""
    _, version = _new(original(before, deployment), bump)
    canary = await find(target, deployment.model_copy(update={"name": f"{deployment.name}-{track}"}))
    if canary is None or not canary["spec"].get("replicas", 1):
        return False
    return reference(containers(canary)[0]["image"])[1] == version


async def _other_fix(target: Target, before: Before, deployment: Entity, bump: str, track: str, percent: int) -> None:
    """It is scaled to zero."""
    canary = deployment.model_copy(update={"name": f"{deployment.name}-{track}"})
    await target.patch(canary, {"spec": {"replicas": 0}}, "merge")


@fault(
    Mechanism.APP_VERSION,
    entities=("Deployment",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"rollout"}),
)
async def bad_canary(
    target: Target,
    deployment: Annotated[Entity, choose("a Deployment that many requests need", _much_used, Entity.parse)],
    bump: Bump,
    track: Annotated[str, one_of("canary", "preview", "next", "candidate")],
    percent: Annotated[int, whole(75, 100)],
) -> GroundTruth:
    """A second Deployment behind the same Service tries a new version on half of the traffic, and fails it."""
    manifest = await target.get(deployment)
    repository, version = _new(manifest, bump)
    errors = OperationErrors(percent=percent)
    await target.disturb(Release(image=repository, version=version, behaviours=(errors,)))
    canary = await target.create(_canary(manifest, track, version))
    return GroundTruth(subject=Entity.of(canary), mechanism=Mechanism.APP_VERSION)
