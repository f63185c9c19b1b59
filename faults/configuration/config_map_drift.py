"""Fault: a ConfigMap has changed since most of its pods read it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.entity import Entity
from aiops.core.errors import NotPossibleError
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.addresses import ADDRESS, address_variables, in_full, leads_astray, value_before
from aiops.faults.kit.environment import KeyUse, current_value, entry_of, source_of, value_in
from aiops.faults.kit.workloads import original, pods_of
from aiops.faults.parameters import choose, one_of
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _addresses_in_config_maps(target: Target, namespace: str) -> Sequence[KeyUse]:
    """The addresses that workloads of several pods read from a ConfigMap."""
    found = []
    for variable in await address_variables(target, namespace):
        deployment = await target.get(variable.deployment)
        source = source_of(entry_of(deployment, variable) or {}, namespace)
        if source and source[0].kind == "ConfigMap" and deployment["spec"].get("replicas", 1) > 1:
            found.append(KeyUse(variable=variable, source=source[0], key=source[1]))
    return found


async def _present(target: Target, before: Before, use: KeyUse, form: str) -> bool:
    return await leads_astray(target, use.variable, value_before(before, use.variable))


async def _other_fix(target: Target, before: Before, use: KeyUse, form: str) -> None:
    """The address with the whole name of its host."""
    value = value_in(original(before, use.source), use.key) or ""
    await target.patch(use.source, {"data": {use.key: in_full(value, use.source.namespace)}}, "merge")


@fault(
    Mechanism.CONFIG_ENV_VALUE,
    entities=("ConfigMap",),
    felt="rollout",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "restarts"}),
)
async def config_map_drift(
    target: Target,
    use: Annotated[
        KeyUse, choose("a Service's address that comes from a ConfigMap", _addresses_in_config_maps, KeyUse.parse)
    ],
    form: Annotated[str, one_of("no port", "named port", "slash", "open")],
) -> GroundTruth:
    """An address in a ConfigMap loses its form: pods that run do not notice, one that comes later does not start."""
    value = await current_value(target, use.variable)
    await target.get(use.source)
    match = ADDRESS.fullmatch(value or "")
    if match is None:
        raise NotPossibleError(f"{use}: not an address")
    written = {"no port": match[1], "named port": f"{match[1]}:http", "slash": f"{value}/", "open": f"{match[1]}:"}[
        form
    ]
    await target.patch(use.source, {"data": {use.key: written}}, "merge")
    first = (await pods_of(target, await target.get(use.variable.deployment)))[0]["metadata"]
    await target.delete(Entity(kind="Pod", namespace=first["namespace"], name=first["name"]))
    return GroundTruth(subject=use.source, mechanism=Mechanism.CONFIG_ENV_VALUE, field=f"data.{use.key}")
