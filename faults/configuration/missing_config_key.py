"""Fault: a ConfigMap or a Secret lacks the key that a container needs to start."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.entity import Entity, Manifest
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.candidates import serving
from aiops.faults.kit.environment import KeyUse, current_value, source_of, value_in, variables
from aiops.faults.kit.workloads import for_container, original, restart
from aiops.faults.parameters import choose, one_of
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _keys_in_use(target: Target, namespace: str) -> Sequence[KeyUse]:
    """The variables of workloads in use that come from a key of a ConfigMap or a Secret."""
    return [
        KeyUse(variable=variable, source=found[0], key=found[1])
        for deployment in await serving(target, "Deployment", namespace)
        for variable, entry in variables(await target.get(deployment))
        if (found := source_of(entry, namespace))
    ]


async def _present(target: Target, before: Before, use: KeyUse, form: str) -> bool:
    """A container that starts now must get the value that it got before, wherever from."""
    return await current_value(target, use.variable) != value_in(original(before, use.source), use.key)


async def _other_fix(target: Target, before: Before, use: KeyUse, form: str) -> None:
    """The container's reference changes: to the new name of the key, or to the value itself."""
    name = use.variable.name
    entry: Manifest
    if _keeps_value(use.source, form):
        reference = "secretKeyRef" if use.source.kind == "Secret" else "configMapKeyRef"
        entry = {"name": name, "valueFrom": {reference: {"name": use.source.name, "key": _renamed(use.key)}}}
    else:
        value = value_in(original(before, use.source), use.key)
        entry = {"name": name, "value": value, "valueFrom": None}
    await target.patch(use.variable.deployment, for_container(use.variable.container, env=[entry]))


@fault(
    Mechanism.CONFIG_MISSING_KEY,
    entities=("ConfigMap", "Secret"),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "restarts"}),
)
async def missing_config_key(
    target: Target,
    use: Annotated[KeyUse, choose("a variable from a ConfigMap or Secret", _keys_in_use, KeyUse.parse)],
    form: Annotated[str, one_of("removed", "renamed")],
) -> GroundTruth:
    """A key of a ConfigMap or Secret goes or gets another name: containers of the pods that come next cannot start."""
    value = (await target.get(use.source))["data"][use.key]
    new = {_renamed(use.key): value} if _keeps_value(use.source, form) else {}
    await target.patch(use.source, {"data": {use.key: None, **new}}, "merge")
    await restart(target, await target.get(use.variable.deployment))
    return GroundTruth(subject=use.source, mechanism=Mechanism.CONFIG_MISSING_KEY, field=f"data.{use.key}")


def _keeps_value(source: Entity, form: str) -> bool:
    """A Secret's value stays under a new name, for nobody could put it back who may not read it."""
    return form == "renamed" or source.kind == "Secret"


def _renamed(key: str) -> str:
    """Another spelling of a key."""
    changed = key.replace("-", "_").upper()
    return changed if changed != key else key.lower()
