"""Fault: a Service is an alias of a name that leads nowhere."""

from __future__ import annotations

from typing import Annotated

from aiops.core.entity import Entity, Manifest
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.corefile import full_name
from aiops.faults.kit.reach import answering
from aiops.faults.kit.workloads import find, original
from aiops.faults.parameters import choose, one_of
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _present(target: Target, before: Before, service: Entity, form: str) -> bool:
    """The name must lead to the pods that it led to, itself or by an alias."""
    selector, found = original(before, service)["spec"]["selector"], await find(target, service)
    if found is None:
        return True
    if found["spec"].get("type") != "ExternalName":
        return bool((found["spec"].get("selector") or {}) != selector)
    name, namespace = [*found["spec"]["externalName"].split("."), ""][:2]
    aim = await find(target, Entity(kind="Service", namespace=namespace, name=name))
    return aim is None or bool((aim["spec"].get("selector") or {}) != selector)


async def _other_fix(target: Target, before: Before, service: Entity, form: str) -> None:
    """The alias leads to a further Service of the same pods."""
    old = original(before, service)["spec"]
    further = Entity(kind="Service", namespace=service.namespace, name=f"{service.name}-pods")
    metadata = {"name": further.name, "namespace": further.namespace}
    made: Manifest = {"apiVersion": "v1", "kind": "Service", "metadata": metadata}
    await target.create({**made, "spec": {"selector": old["selector"], "ports": old["ports"]}})
    await target.patch(service, {"spec": {"externalName": full_name(further)}}, "merge")


@fault(
    Mechanism.DNS_WRONG_ANSWER,
    entities=("Service",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "dns"}),
)
async def dns_external_name(
    target: Target,
    service: Annotated[Entity, choose("a Service that users wait for", answering, Entity.parse)],
    form: Annotated[str, one_of("another namespace", "outside", "renamed")],
) -> GroundTruth:
    """A Service becomes an alias (type ExternalName) of a name that does not exist: callers find no address."""
    await target.get(service)
    await target.patch(service, {"spec": {"type": "ExternalName", "externalName": _alias(service, form)}}, "merge")
    return GroundTruth(subject=service, mechanism=Mechanism.DNS_WRONG_ANSWER, field="spec.externalName")


def _alias(service: Entity, form: str) -> str:
    if form == "another namespace":
        return full_name(Entity(kind="Service", namespace=f"{service.namespace}-prod", name=service.name))
    if form == "renamed":
        return full_name(Entity(kind="Service", namespace=service.namespace, name=f"{service.name}-svc"))
    return f"{service.name}.internal.example.com"
