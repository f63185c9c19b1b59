"""Variables that hold the address of a Service: which there are, where they lead, and how one gets it wrong."""

from __future__ import annotations

import re
from collections.abc import Sequence

from aiops.core.entity import Manifest
from aiops.core.target import Target
from aiops.faults.kit.candidates import service_name, serving
from aiops.faults.kit.environment import Variable, current_value, entry_of, source_of, value_in, variables
from aiops.faults.kit.service_ports import reached
from aiops.faults.kit.workloads import original
from aiops.faults.registry import Before

ADDRESS = re.compile(r"([a-z](?:[a-z0-9.-]*[a-z0-9])?):(\d{1,5})")


async def address_variables(target: Target, namespace: str) -> Sequence[Variable]:
    """The variables of Deployments in use whose value is `SERVICE:PORT`, wherever it comes from."""
    services = {service.name for service in await serving(target, "Service", namespace)}
    found = []
    for deployment in await serving(target, "Deployment", namespace):
        for variable, _ in variables(await target.get(deployment)):
            place = place_of(await current_value(target, variable) or "", namespace)
            if place and place[0] in services:
                found.append(variable)
    return found


def place_of(value: str, namespace: str) -> tuple[str, str] | None:
    """(Service, port) of an address in the namespace, or None where it is no address."""
    match = ADDRESS.fullmatch(value)
    return (service_name(match[1], namespace), match[2]) if match else None


def value_before(before: Before, variable: Variable) -> str:
    """What a variable was before the fault, which read its ConfigMap or Secret, if it has one."""
    entry = entry_of(original(before, variable.deployment), variable) or {}
    source = source_of(entry, variable.deployment.namespace)
    if source is None:
        return str(entry.get("value") or "")
    return value_in(original(before, source[0]), source[1]) or ""


def in_full(value: str, namespace: str) -> str:
    """An address with the whole name of its host; with the short one where it is written in full already."""
    place = place_of(value, namespace)
    if place is None:
        return value
    full = f"{place[0]}.{namespace}.svc.cluster.local:{place[1]}"
    return full if full != value else f"{place[0]}:{place[1]}"


def mistaken(value: str, namespace: str, form: str) -> str:
    """Another `port`, `namespace` or host (any other form) than the address names."""
    host, _, port = value.rpartition(":")
    name, _, rest = host.partition(".")
    if form == "port":
        return f"{host}:{int(port) + 10}"
    if form == "namespace":
        return f"{name}.{namespace}-staging:{port}"
    return f"{name}-svc{'.' if rest else ''}{rest}:{port}"


async def leads_astray(target: Target, variable: Variable, meant: str) -> bool:
    """Whether a variable leads neither to the Service and the port of `meant`, nor to the same ports of its pods."""
    namespace = variable.deployment.namespace
    wanted, value = place_of(meant, namespace), await current_value(target, variable)
    if value is None or wanted is None:
        return True
    host, _, port = value.rpartition(":")
    services = await target.list("Service", namespace)
    named = next((item["metadata"]["name"] for item in services if host == item["spec"].get("clusterIP")), None)
    place = (named or service_name(host, namespace), port)
    good = await _reached(target, services, wanted)
    return place != wanted and (not good or await _reached(target, services, place) != good)


async def _reached(target: Target, services: Sequence[Manifest], place: tuple[str, str]) -> set[tuple[str, int]]:
    """(pod, container port) behind one port of a Service; none where there is no such Service or port."""
    for service in services:
        for entry in service["spec"]["ports"]:
            if (service["metadata"]["name"], str(entry["port"])) == place:
                return await reached(target, service, entry)
    return set()
