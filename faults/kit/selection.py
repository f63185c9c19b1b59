"""Which pods a Service selects, and how its selector is changed."""

from __future__ import annotations

from aiops.core.entity import Entity, Manifest
from aiops.core.errors import NotPossibleError
from aiops.core.target import Target
from aiops.core.wellknown import POD_TEMPLATE_HASH
from aiops.faults.kit.workloads import Labels, find, original, pods_with
from aiops.faults.registry import Before

GENERATED = (POD_TEMPLATE_HASH,)
"""Labels that change with every rollout."""


async def selects_others(target: Target, before: Before, service: Entity) -> bool:
    """Whether a Service selects other pods than its selector before the fault selects."""
    now = await find(target, service)
    if now is None:
        return True
    wanted = await _selected(target, service.namespace, original(before, service)["spec"]["selector"])
    return not wanted or await _selected(target, service.namespace, now["spec"].get("selector") or {}) != wanted


async def select_otherwise(target: Target, before: Before, service: Entity) -> None:
    """Another selector for the same pods: all other labels that they have in common. Raises `NotPossibleError`."""
    selector: Labels = original(before, service)["spec"]["selector"]
    pods = await pods_with(target, service.namespace, selector)
    if not pods:
        raise NotPossibleError(f"{service}: no pods carry the labels that it selected")
    common = set.intersection(*(set((pod["metadata"].get("labels") or {}).items()) for pod in pods))
    other = {key: value for key, value in sorted(common) if key not in (*selector, *GENERATED)}
    present = (await target.get(service))["spec"].get("selector") or {}
    await select(target, service, present, other)


async def select(target: Target, service: Entity, old: Labels, new: Labels) -> None:
    """Replace the whole selector."""
    gone: Manifest = dict.fromkeys(old)
    await target.patch(service, {"spec": {"selector": {**gone, **new}}}, "merge")


async def _selected(target: Target, namespace: str, selector: Labels) -> set[str]:
    return {pod["metadata"]["name"] for pod in await pods_with(target, namespace, selector)}
