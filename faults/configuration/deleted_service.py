"""Fault: a Service that others call is gone."""

from __future__ import annotations

from typing import Annotated

from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.service_ports import reached
from aiops.faults.kit.workloads import find, original
from aiops.faults.parameters import pick
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _present(target: Target, before: Before, service: Entity) -> bool:
    """A Service of the name must lead each port to where it led."""
    old, now = original(before, service), await find(target, service)
    if now is None:
        return True
    present = {port["port"]: port for port in now["spec"].get("ports") or ()}
    for port in old["spec"]["ports"]:
        good = await reached(target, old, port)
        found = present.get(port["port"])
        if found is None or not good or await reached(target, now, found) != good:
            return True
    return False


async def _other_fix(target: Target, before: Before, service: Entity) -> None:
    """A new Service of the same name, with an address of its own."""
    old = original(before, service)
    labels = old["metadata"].get("labels") or {}
    ports = [{key: value for key, value in port.items() if key != "nodePort"} for port in old["spec"]["ports"]]
    spec = {"selector": old["spec"]["selector"], "ports": ports}
    metadata = {"name": service.name, "namespace": service.namespace, "labels": labels}
    await target.create({"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec})


@fault(
    Mechanism.CONFIG_SERVICE_MISSING,
    entities=("Service",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "network"}),
)
async def deleted_service(target: Target, service: Annotated[Entity, pick("Service")]) -> GroundTruth:
    """A Service is deleted: its name leads nowhere any more, and what called it fails."""
    await target.delete(service)
    return GroundTruth(subject=service, mechanism=Mechanism.CONFIG_SERVICE_MISSING)
