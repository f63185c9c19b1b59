"""Fault: an init container that waits for a name that is not there."""

from __future__ import annotations

from typing import Annotated

from aiops.core.entity import Entity, Manifest
from aiops.core.errors import NotPossibleError
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.candidates import serving
from aiops.faults.kit.workloads import find, for_pods
from aiops.faults.parameters import one_of, pick
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

IMAGE = "docker.io/library/busybox:1.36"


async def _present(target: Target, before: Before, deployment: Entity, name: str, host: str) -> bool:
    """Nobody may wait for a name that no Service has."""
    now = await find(target, deployment)
    if now is None:
        return True
    first = now["spec"]["template"]["spec"].get("initContainers") or ()
    waits = any(host in " ".join(each.get("command") or ()) for each in first)
    return waits and not await _is_served(target, deployment.namespace, host)


async def _other_fix(target: Target, before: Before, deployment: Entity, name: str, host: str) -> None:
    """It waits for a Service that is there."""
    served = (await serving(target, "Service", deployment.namespace))[0].name
    await target.patch(deployment, for_pods(initContainers=[_waiting(name, served)]))


@fault(
    Mechanism.CONFIG_INIT_CONTAINER,
    entities=("Deployment",),
    felt="rollout",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "rollout"}),
)
async def hanging_init_container(
    target: Target,
    deployment: Annotated[Entity, pick("Deployment")],
    name: Annotated[str, one_of("wait-for-dependencies", "wait-for-schema", "await-settings", "hold-until-up")],
    host: Annotated[
        str, one_of("config-server", "schema-registry", "postgres-primary", "vault", "migrations", "consul")
    ],
) -> GroundTruth:
    """An init container is added that waits for a name that no Service has: new pods never get beyond it."""
    if await _is_served(target, deployment.namespace, host):
        raise NotPossibleError(f"there is a Service {host}")
    await target.patch(deployment, for_pods(initContainers=[_waiting(name, host)]))
    return GroundTruth(
        subject=deployment,
        mechanism=Mechanism.CONFIG_INIT_CONTAINER,
        field=f"spec.template.spec.initContainers[{name}]",
    )


def _waiting(name: str, host: str) -> Manifest:
    script = f"until nslookup {host}; do echo waiting for {host}; sleep 3; done"
    return {"name": name, "image": IMAGE, "command": ["sh", "-c", script]}


async def _is_served(target: Target, namespace: str, host: str) -> bool:
    return any(each["metadata"]["name"] == host for each in await target.list("Service", namespace))
