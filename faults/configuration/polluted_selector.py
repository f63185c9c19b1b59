"""Fault: a Service selects the pods of other workloads, too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.entity import Entity, Manifest
from aiops.core.errors import NotPossibleError
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.candidates import serving
from aiops.faults.kit.selection import GENERATED, select, select_otherwise, selects_others
from aiops.faults.kit.service_ports import sends_to
from aiops.faults.kit.workloads import Labels, pods_with
from aiops.faults.parameters import choose, one_of
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

FORMS = ("role", "product")


async def _with_company(target: Target, namespace: str) -> Sequence[Entity]:
    """The Services whose pods share labels with pods of others that serve on a port of the same name."""
    found = []
    for entity in await serving(target, "Service", namespace):
        service = await target.get(entity)
        if all([await _catches_others(target, service, form) for form in FORMS]):
            found.append(entity)
    return found


async def _present(target: Target, before: Before, service: Entity, form: str) -> bool:
    return await selects_others(target, before, service)


async def _other_fix(target: Target, before: Before, service: Entity, form: str) -> None:
    await select_otherwise(target, before, service)


@fault(
    Mechanism.CONFIG_SELECTOR,
    entities=("Service",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "network"}),
)
async def polluted_selector(
    target: Target,
    service: Annotated[Entity, choose("a Service whose pods share labels with others", _with_company, Entity.parse)],
    form: Annotated[str, one_of(*FORMS)],
) -> GroundTruth:
    """A Service's selector fits other workloads, too: requests reach pods that do not know them."""
    present = await target.get(service)
    await select(target, service, present["spec"]["selector"], await _wider(target, present, form))
    return GroundTruth(subject=service, mechanism=Mechanism.CONFIG_SELECTOR, field="spec.selector")


async def _wider(target: Target, service: Manifest, form: str) -> Labels:
    """Labels of the Service's pods that pods of other workloads carry, too."""
    namespace, selector = service["metadata"]["namespace"], service["spec"]["selector"]
    pods = await pods_with(target, namespace, selector)
    if not pods:
        raise NotPossibleError(f"Service {service['metadata']['name']} selects no pods")
    common = set.intersection(*(set((pod["metadata"].get("labels") or {}).items()) for pod in pods))
    shared: Labels = {}
    for key, value in sorted(common):
        if key not in GENERATED and len(await pods_with(target, namespace, {key: value})) > len(pods):
            shared[key] = value
    names = [key for key in shared if key.endswith("part-of")] if form == "product" else list(shared)
    return {key: shared[key] for key in names}


async def _catches_others(target: Target, service: Manifest, form: str) -> bool:
    wider = await _wider(target, service, form)
    port = service["spec"]["ports"][0]
    widened = {**service, "spec": {**service["spec"], "selector": wider}}
    return bool(wider) and len(await sends_to(target, widened, port)) > len(await sends_to(target, service, port))
