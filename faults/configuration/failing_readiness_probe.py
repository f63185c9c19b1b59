"""Fault: a readiness probe that asks a healthy process for the wrong thing."""

from __future__ import annotations

from typing import Annotated

from aiops.core.entity import Entity
from aiops.core.errors import NotPossibleError
from aiops.core.fields import differences
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.probes import asks_amiss, mistaken, only_connect
from aiops.faults.kit.workloads import containers, for_container
from aiops.faults.parameters import one_of, pick
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _present(target: Target, before: Before, deployment: Entity, form: str) -> bool:
    return await asks_amiss(target, before, deployment, "readinessProbe")


async def _other_fix(target: Target, before: Before, deployment: Entity, form: str) -> None:
    await only_connect(target, before, deployment, "readinessProbe")


@fault(
    Mechanism.CONFIG_PROBE,
    entities=("Deployment",),
    felt="rollout",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "rollout"}),
)
async def failing_readiness_probe(
    target: Target,
    deployment: Annotated[Entity, pick("Deployment")],
    form: Annotated[str, one_of("path", "port", "scheme")],
) -> GroundTruth:
    """A Deployment's readiness probe asks for a path, a port or a protocol that is not served: no new pod is ready."""
    container = containers(await target.get(deployment))[0]
    probe = container.get("readinessProbe") or {}
    if "httpGet" in probe:
        check, action = "httpGet", mistaken(probe["httpGet"], container, form)
    elif "tcpSocket" in probe:
        check, action = "tcpSocket", mistaken(probe["tcpSocket"], container, "port")
    else:
        raise NotPossibleError(f"{deployment}: container {container['name']} has no probe over the network")
    await target.patch(deployment, for_container(container["name"], readinessProbe={check: action}))
    place = f"spec.template.spec.containers[{container['name']}].readinessProbe.{check}"
    changed = next(differences(probe[check], action, place))
    return GroundTruth(subject=deployment, mechanism=Mechanism.CONFIG_PROBE, field=changed.path)
