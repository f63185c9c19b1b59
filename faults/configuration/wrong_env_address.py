"""Fault: an environment variable of a Deployment names the wrong address of a service."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated

from aiops.core.entity import Manifest
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.candidates import service_name, serving
from aiops.faults.kit.environment import Variable, current_value, entry_of, variables
from aiops.faults.kit.service_ports import reached
from aiops.faults.kit.workloads import for_container, original
from aiops.faults.parameters import choose, one_of
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

ADDRESS = re.compile(r"([a-z](?:[a-z0-9.-]*[a-z0-9])?):(\d{1,5})")


async def _addresses(target: Target, namespace: str) -> Sequence[Variable]:
    """The variables of workloads in use whose own value is `SERVICE:PORT`."""
    services = {service.name for service in await serving(target, "Service", namespace)}
    return [
        variable
        for deployment in await serving(target, "Deployment", namespace)
        for variable, entry in variables(await target.get(deployment))
        if (place := _place(str(entry.get("value") or ""), namespace)) and place[0] in services
    ]


async def _present(target: Target, before: Before, variable: Variable, form: str) -> bool:
    """The variable must lead to the Service and the port that it led to before, or to the same ports of its pods."""
    namespace = variable.deployment.namespace
    wanted = _place(_value_before(before, variable), namespace)
    value = await current_value(target, variable)
    if value is None or wanted is None:
        return True
    host, _, port = value.rpartition(":")
    services = await target.list("Service", namespace)
    named = next((item["metadata"]["name"] for item in services if host == item["spec"].get("clusterIP")), None)
    place = (named or service_name(host, namespace), port)
    good = await _reached(target, services, wanted)
    return place != wanted and (not good or await _reached(target, services, place) != good)


async def _other_fix(target: Target, before: Before, variable: Variable, form: str) -> None:
    """The same address, written in full or in short."""
    namespace = variable.deployment.namespace
    old = _value_before(before, variable)
    place = _place(old, namespace)
    if place is None:
        return
    full = f"{place[0]}.{namespace}.svc.cluster.local:{place[1]}"
    await _set(target, variable, full if full != old else f"{place[0]}:{place[1]}")


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
    if form == "port":
        return f"{host}:{int(port) + 10}"
    if form == "namespace":
        return f"{name}.{namespace}-staging:{port}"
    return f"{name}-svc{'.' if rest else ''}{rest}:{port}"


async def _reached(target: Target, services: Sequence[Manifest], place: tuple[str, str]) -> set[tuple[str, int]]:
    """(pod, container port) behind one port of a Service; none where there is no such Service or port."""
    for service in services:
        for entry in service["spec"]["ports"]:
            if (service["metadata"]["name"], str(entry["port"])) == place:
                return await reached(target, service, entry)
    return set()


async def _set(target: Target, variable: Variable, value: str) -> None:
    entry = {"name": variable.name, "value": value}
    await target.patch(variable.deployment, for_container(variable.container, env=[entry]))


def _value_before(before: Before, variable: Variable) -> str:
    return _value_in(original(before, variable.deployment), variable)


def _value_in(deployment: Manifest, variable: Variable) -> str:
    return str((entry_of(deployment, variable) or {}).get("value") or "")


def _place(value: str, namespace: str) -> tuple[str, str] | None:
    """(Service, port) of an address in the namespace, or None where it is no address."""
    match = ADDRESS.fullmatch(value)
    return (service_name(match[1], namespace), match[2]) if match else None
