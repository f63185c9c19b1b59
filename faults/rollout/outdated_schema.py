"""Fault: a database whose schema was changed before the program that uses it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.disturbance.behaviour import OperationErrors
from aiops.core.disturbance.process import Release
from aiops.core.entity import Entity, Manifest
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.busy import entities, services_with_database
from aiops.faults.kit.draws import Bump
from aiops.faults.kit.releases import asks_for, reference, run_version, version_after
from aiops.faults.kit.standing import lasts
from aiops.faults.kit.workloads import containers, original
from aiops.faults.parameters import choose, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _with_database(target: Target, namespace: str) -> Sequence[Entity]:
    return entities(await services_with_database(target, namespace))


def _unfit(deployment: Manifest) -> Release:
    repository, version = reference(containers(deployment)[0]["image"])
    return Release(image=repository, version=version, behaviours=(OperationErrors(percent=100, cause="schema"),))


async def _present(target: Target, before: Before, deployment: Entity, bump: str, number: int) -> bool:
    """Whether the version is asked for that knows only the schema as it was."""
    manifest = original(before, deployment)
    container = containers(manifest)[0]
    old = await asks_for(target, deployment, container, reference(container["image"])[1])
    return old and await lasts(target, _unfit(manifest))


async def _other_fix(target: Target, before: Before, deployment: Entity, bump: str, number: int) -> None:
    """The version for which the schema was changed."""
    container = containers(original(before, deployment))[0]
    await run_version(target, deployment, container, version_after(reference(container["image"])[1], bump))


@fault(
    Mechanism.DATA_SCHEMA,
    entities=("Deployment",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"rollout", "data"}),
)
async def outdated_schema(
    target: Target,
    deployment: Annotated[Entity, choose("a Deployment that uses a database", _with_database, Entity.parse)],
    bump: Bump,
    number: Annotated[int, whole(12, 240)],
) -> GroundTruth:
    """A migration of the next version has run: the version that still serves fails on the new schema."""
    manifest = await target.get(deployment)
    repository, version = reference(containers(manifest)[0]["image"])
    new = version_after(version, bump)
    await target.disturb(Release(image=repository, version=new))
    await target.disturb(_unfit(manifest))
    await target.create(_migration(deployment, f"{repository}:{new}", number))
    return GroundTruth(subject=deployment, mechanism=Mechanism.DATA_SCHEMA)


def _migration(deployment: Entity, image: str, number: int) -> Manifest:
    name = f"{deployment.name}-migrate-{number:04}"
    script = f"echo applying migration {number:04}; sleep 6; echo schema is at {number:04}"
    container = {"name": "migrate", "image": image, "command": ["sh", "-c", script]}
    labels = {"app": name, "app.kubernetes.io/component": "migration"}
    template = {"metadata": {"labels": labels}, "spec": {"restartPolicy": "Never", "containers": [container]}}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name, "namespace": deployment.namespace, "labels": labels},
        "spec": {"backoffLimit": 1, "template": template},
    }
