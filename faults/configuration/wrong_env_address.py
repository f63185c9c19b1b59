"""Fault: an environment variable of a Deployment names the wrong address of a service."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.entity import Manifest
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.addresses import in_full, leads_astray, mistaken, place_of, value_before
from aiops.faults.kit.candidates import serving
from aiops.faults.kit.environment import Variable, entry_of, variables
from aiops.faults.kit.workloads import for_container
from aiops.faults.parameters import choose, one_of
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _addresses(target: Target, namespace: str) -> Sequence[Variable]:
    """The variables of workloads in use whose own value is `SERVICE:PORT`."""
    services = {service.name for service in await serving(target, "Service", namespace)}
    return [
        variable
        for deployment in await serving(target, "Deployment", namespace)
        for variable, entry in variables(await target.get(deployment))
        if (place := place_of(str(entry.get("value") or ""), namespace)) and place[0] in services
    ]


async def _present(target: Target, before: Before, variable: Variable, form: str) -> bool:
    return await leads_astray(target, variable, value_before(before, variable))


async def _other_fix(target: Target, before: Before, variable: Variable, form: str) -> None:
    """The same address, written in full or in short."""
    await _set(target, variable, in_full(value_before(before, variable), variable.deployment.namespace))


@fault(
    Mechanism.CONFIG_ENV_VALUE,
    entities=("Deployment",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "network"}),
)
async def wrong_env_address(
    target: Target,
    variable: Annotated[Variable, choose("a variable that names a Service's address", _addresses, Variable.parse)],
    form: Annotated[str, one_of("port", "name", "namespace", "neighbour")],
) -> GroundTruth:
    """A variable names another port, host, namespace or service: the new pods start, and their calls fail."""
    deployment = await target.get(variable.deployment)
    await _set(target, variable, await _mistaken(target, variable, _value_in(deployment, variable), form))
    return GroundTruth(
        subject=variable.deployment, mechanism=Mechanism.CONFIG_ENV_VALUE, field=f"{variable.path}.value"
    )


async def _mistaken(target: Target, variable: Variable, value: str, form: str) -> str:
    namespace = variable.deployment.namespace
    host, _, port = value.rpartition(":")
    name, _, rest = host.partition(".")
    if form == "neighbour":
        for service in await serving(target, "Service", namespace):
            ports = (await target.get(service))["spec"]["ports"]
            if service.name > name and int(port) not in [entry["port"] for entry in ports]:
                return f"{service.name}{'.' if rest else ''}{rest}:{port}"
    return mistaken(value, namespace, form)


async def _set(target: Target, variable: Variable, value: str) -> None:
    entry = {"name": variable.name, "value": value}
    await target.patch(variable.deployment, for_container(variable.container, env=[entry]))


def _value_in(deployment: Manifest, variable: Variable) -> str:
    return str((entry_of(deployment, variable) or {}).get("value") or "")
