"""Options of programs that an environment sets: on the Deployment, or in the ConfigMap that it reads others from."""

from __future__ import annotations

from aiops.core.disturbance import Behaviour
from aiops.core.disturbance.process import Release
from aiops.core.entity import Entity, Manifest
from aiops.core.target import Target
from aiops.faults.kit.environment import Variable, current_value, source_of, variables
from aiops.faults.kit.releases import asks_for, reference
from aiops.faults.kit.workloads import containers, for_container, original
from aiops.faults.registry import Before


def variable_of(workload: Manifest, name: str) -> Variable:
    """A variable of a workload's first container."""
    return Variable(deployment=Entity.of(workload), container=containers(workload)[0]["name"], name=name)


async def turn_on(
    target: Target, workload: Entity, name: str, value: str, *behaviours: Behaviour
) -> tuple[Entity, str]:
    """Let the version that a workload runs behave so where its environment holds this, and set it. Gives the object in
    which the value stands, and the path there."""
    manifest = await target.get(workload)
    variable = variable_of(manifest, name)
    repository, version = reference(containers(manifest)[0]["image"])
    settings = {name: value}
    await target.disturb(Release(image=repository, version=version, behaviours=behaviours, settings=settings))
    config = _config_map(manifest)
    if config is None:
        await set_variable(target, variable, value)
        return workload, f"{variable.path}.value"
    key = name.lower().replace("_", "-")
    await target.patch(config, {"data": {key: value}}, "merge")
    entry = {"name": name, "valueFrom": {"configMapKeyRef": {"name": config.name, "key": key}}}
    await target.patch(workload, for_container(variable.container, env=[entry]))
    return config, f"data.{key}"


async def set_variable(target: Target, variable: Variable, value: str) -> None:
    """Set a variable to a value of its own."""
    entry = {"name": variable.name, "value": value, "valueFrom": None}
    await target.patch(variable.deployment, for_container(variable.container, env=[entry]))


async def still_on(target: Target, before: Before, workload: Entity, name: str, value: str) -> bool:
    """Whether a container that starts now would get this value, in the version that misbehaves with it."""
    manifest = original(before, workload)
    container = containers(manifest)[0]
    if not await asks_for(target, workload, container, reference(container["image"])[1]):
        return False
    return await current_value(target, variable_of(manifest, name)) == value


def _config_map(workload: Manifest) -> Entity | None:
    """The ConfigMap from which a workload reads variables already."""
    for _, entry in variables(workload):
        source = source_of(entry, workload["metadata"]["namespace"])
        if source and source[0].kind == "ConfigMap":
            return source[0]
    return None
