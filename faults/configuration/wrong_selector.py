"""Fault: a Service's selector does not select the pods that it is for."""

from __future__ import annotations

from typing import Annotated

from aiops.core.entity import Entity, Manifest
from aiops.core.errors import NotPossibleError
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.core.wellknown import POD_TEMPLATE_HASH
from aiops.faults.kit.candidates import serving
from aiops.faults.kit.workloads import Labels, find, original, pods_with
from aiops.faults.parameters import one_of, pick
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

GENERATED = (POD_TEMPLATE_HASH,)
"""Labels that change with every rollout."""


async def _present(target: Target, before: Before, service: Entity, form: str) -> bool:
    """The Service must select the pods that its selector before the fault selects."""
    now = await find(target, service)
    if now is None:
        return True
    wanted = await _selected(target, service.namespace, original(before, service)["spec"]["selector"])
    return not wanted or await _selected(target, service.namespace, now["spec"].get("selector") or {}) != wanted


async def _other_fix(target: Target, before: Before, service: Entity, form: str) -> None:
    """Another selector for the same pods: all other labels that they have in common."""
    selector: Labels = original(before, service)["spec"]["selector"]
    pods = await pods_with(target, service.namespace, selector)
    if not pods:
        raise NotPossibleError(f"{service}: no pods carry the labels that it selected")
    common = set.intersection(*(set((pod["metadata"].get("labels") or {}).items()) for pod in pods))
    other = {key: value for key, value in sorted(common) if key not in (*selector, *GENERATED)}
    present = (await target.get(service))["spec"].get("selector") or {}
    await _select(target, service, present, other)


@fault(
    Mechanism.CONFIG_SELECTOR,
    entities=("Service",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "network"}),
)
async def wrong_selector(
    target: Target,
    service: Annotated[Entity, pick("Service")],
    form: Annotated[str, one_of("renamed", "narrowed", "neighbour")],
) -> GroundTruth:
    """A Service selects no pods, or those of another workload: what calls it is refused or gets wrong answers."""
    old: Labels = (await target.get(service))["spec"]["selector"]
    new = await _mistaken(target, service, old, form)
    await _select(target, service, old, new)
    return GroundTruth(subject=service, mechanism=Mechanism.CONFIG_SELECTOR, field="spec.selector")


async def _mistaken(target: Target, service: Entity, old: Labels, form: str) -> Labels:
    key, value = next(iter(old.items()))
    if form == "narrowed":
        return {**old, "track": "stable"}
    if form == "neighbour":
        neighbours = [other for other in await serving(target, "Service", service.namespace) if other != service]
        if neighbours:
            after = [other for other in neighbours if str(other) > str(service)] or neighbours
            other: Labels = (await target.get(after[0]))["spec"]["selector"]
            return other
    return {**old, key: f"{value}-v2"}


async def _select(target: Target, service: Entity, old: Labels, new: Labels) -> None:
    """Replace the whole selector."""
    gone: Manifest = dict.fromkeys(old)
    await target.patch(service, {"spec": {"selector": {**gone, **new}}}, "merge")


async def _selected(target: Target, namespace: str, selector: Labels) -> set[str]:
    return {pod["metadata"]["name"] for pod in await pods_with(target, namespace, selector)}
