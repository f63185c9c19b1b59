"""Fault: a Service sends to a port on which nothing listens."""

from __future__ import annotations

from typing import Annotated

from aiops.core.entity import Entity
from aiops.core.fields import list_key
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.parameters import pick, whole
from aiops.faults.registry import fault
from aiops.faults.truth import GroundTruth


@fault("config.target_port", entity="Service", family="configuration", tags=frozenset({"kubernetes", "network"}))
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
