"""Fault: a ConfigMap or a Secret that pods name is not there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.entity import Entity, Manifest
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.candidates import serving
from aiops.faults.kit.environment import SOURCES, KeyUse, current_value, source_of, value_in, variables
from aiops.faults.kit.workloads import for_container, original, restart
from aiops.faults.parameters import choose, one_of
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _objects_in_use(target: Target, namespace: str) -> Sequence[KeyUse]:
    """Of each workload in use, the first variable that comes from each ConfigMap or Secret that it names."""
    found: dict[tuple[Entity, Entity], KeyUse] = {}
    for deployment in await serving(target, "Deployment", namespace):
        for variable, entry in variables(await target.get(deployment)):
            if source := source_of(entry, namespace):
                found.setdefault((deployment, source[0]), KeyUse(variable=variable, source=source[0], key=source[1]))
    return list(found.values())


async def _present(target: Target, before: Before, use: KeyUse, suffix: str) -> bool:
    """A container that starts now must get the value that it got before, wherever from."""
    return await current_value(target, use.variable) != value_in(original(before, use.source), use.key)


async def _other_fix(target: Target, before: Before, use: KeyUse, suffix: str) -> None:
    """The Deployment takes the values from the object of the new name; as they are where there is none."""
    deployment, old = original(before, use.variable.deployment), original(before, use.source)
    new = _new_name(use.source, suffix)
    entries: list[Manifest] = []
    for variable, entry in variables(deployment):
        source = source_of(entry, use.source.namespace)
        if source is None or source[0] != use.source or variable.container != use.variable.container:
            continue
        if new:
            reference = next(name for name, kind in SOURCES.items() if kind == use.source.kind)
            entries.append({"name": variable.name, "valueFrom": {reference: {"name": new, "key": source[1]}}})
        else:
            entries.append({"name": variable.name, "value": value_in(old, source[1]), "valueFrom": None})
    await target.patch(use.variable.deployment, for_container(use.variable.container, env=entries))


@fault(
    Mechanism.CONFIG_OBJECT_MISSING,
    entities=("ConfigMap", "Secret"),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "restarts"}),
)
async def missing_config_map(
    target: Target,
    use: Annotated[KeyUse, choose("a ConfigMap or Secret that a workload names", _objects_in_use, KeyUse.parse)],
    suffix: Annotated[str, one_of("", "-v2", "-settings", "-2026")],
) -> GroundTruth:
    """A ConfigMap or Secret goes or gets another name: containers of the pods that come next cannot be made."""
    old = await target.get(use.source)
    if name := _new_name(use.source, suffix):
        await target.create(_renamed(old, name))
    await target.delete(use.source)
    await restart(target, await target.get(use.variable.deployment))
    return GroundTruth(subject=use.source, mechanism=Mechanism.CONFIG_OBJECT_MISSING)


def _new_name(source: Entity, suffix: str) -> str:
    """Where the values are kept from now on; a Secret's always are, for nobody could put them back who may not read
    it."""
    kept = suffix or ("-v2" if source.kind == "Secret" else "")
    return f"{source.name}{kept}" if kept else ""


def _renamed(source: Manifest, name: str) -> Manifest:
    metadata: Manifest = {"name": name, "namespace": source["metadata"]["namespace"]}
    parts: Manifest = {key: source[key] for key in ("apiVersion", "kind", "type", "data") if key in source}
    return {**parts, "metadata": metadata}
