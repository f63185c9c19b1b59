"""Fault: a Service sends to a port on which nothing listens."""

from __future__ import annotations

from typing import Annotated

from aiops.core.entity import Entity
from aiops.core.errors import NotPossibleError
from aiops.core.fields import list_key
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.service_ports import sends_to
from aiops.faults.kit.workloads import find, original
from aiops.faults.parameters import pick, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _present(target: Target, before: Before, service: Entity, port: int) -> bool:
    """The port must send to where it sent before, by number or by name."""
    old, present = original(before, service), await find(target, service)
    if present is None:
        return True
    first = old["spec"]["ports"][0]
    now = next((item for item in present["spec"].get("ports") or () if item["port"] == first["port"]), None)
    good = await sends_to(target, old, first)
    return now is None or not good or await sends_to(target, present, now) != good


async def _other_fix(target: Target, before: Before, service: Entity, port: int) -> None:
    """The port by its number instead of its name."""
    old = original(before, service)
    first = old["spec"]["ports"][0]
    numbers = sorted(await sends_to(target, old, first))
    if len(numbers) != 1:
        raise NotPossibleError(f"{service}: its pods do not agree on one port")
    body = {"spec": {"ports": [{"port": first["port"], "targetPort": numbers[0]}]}}
    await target.patch(service, body)


@fault(
    Mechanism.CONFIG_TARGET_PORT,
    entities=("Service",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "network"}),
)
async def wrong_target_port(
    target: Target, service: Annotated[Entity, pick("Service")], port: Annotated[int, whole(9001, 9999)]
) -> GroundTruth:
    """A Service's first port sends to a container port on which no process listens: connections are refused."""
    ports = (await target.get(service))["spec"]["ports"]
    first = ports[0]
    await target.patch(service, {"spec": {"ports": [{"port": first["port"], "targetPort": port}]}})
    key = list_key(ports)
    return GroundTruth(
        subject=service,
        mechanism=Mechanism.CONFIG_TARGET_PORT,
        field=f"spec.ports[{first[key] if key else 0}].targetPort",
    )
