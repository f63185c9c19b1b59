"""Passwords of data stores: which Secret a client and its store read them from."""

from __future__ import annotations

from aiops.core.entity import Entity, Manifest
from aiops.core.target import Target
from aiops.faults.kit.behind import behind, servers
from aiops.faults.kit.environment import KeyUse, current_value, source_of, variables
from aiops.faults.kit.reach import waited_for
from aiops.faults.kit.workloads import original
from aiops.faults.registry import Before


async def shared_passwords(target: Target, namespace: str) -> list[KeyUse]:
    """The passwords of Deployments that users wait for, from a Secret that a store behind a Service that they call
    reads as well."""
    found: dict[str, KeyUse] = {}
    for call in await waited_for(target, namespace):
        stores = await behind(target, call.target)
        for use in _uses(await target.get(call.source)):
            if use.source.kind == "Secret" and any(_reads(store, use) for store in stores):
                found[str(use)] = use
    return [found[key] for key in sorted(found)]


async def readers(target: Target, use: KeyUse) -> tuple[list[Entity], list[Entity]]:
    """(stores, clients): the workloads of the namespace that read a password from the same key, sorted. A store is one
    behind a Service that the password's own client calls."""
    calls = [call for call in await waited_for(target, use.source.namespace) if call.source == use.variable.deployment]
    stores = {Entity.of(item) for call in calls for item in await behind(target, call.target) if _reads(item, use)}
    everybody = [item for item in await servers(target, use.source.namespace) if _reads(item, use)]
    clients = {Entity.of(item) for item in everybody} - stores
    return sorted(stores, key=str), sorted(clients, key=str)


async def guarded_stores(target: Target, namespace: str) -> list[Entity]:
    """The stores with such a password, sorted by name."""
    uses = await shared_passwords(target, namespace)
    return sorted({store for use in uses for store in (await readers(target, use))[0]}, key=str)


async def differs(target: Target, before: Before, use: KeyUse) -> bool:
    """Whether the client's password is another one than its stores', as all are for pods that start now."""
    own = await current_value(target, use.variable)
    stores = [
        found.variable
        for entity, manifest in before.items()
        if manifest is not None and entity.kind in ("Deployment", "StatefulSet") and entity != use.variable.deployment
        for found in _uses(original(before, entity))
        if (found.source, found.key) == (use.source, use.key)
    ]
    return own is None or any([await current_value(target, variable) != own for variable in stores])


def _uses(workload: Manifest) -> list[KeyUse]:
    """The variables of a workload that are read from a ConfigMap or Secret."""
    namespace = workload["metadata"]["namespace"]
    return [
        KeyUse(variable=variable, source=source[0], key=source[1])
        for variable, entry in variables(workload)
        if (source := source_of(entry, namespace)) is not None
    ]


def _reads(workload: Manifest, use: KeyUse) -> bool:
    return any((found.source, found.key) == (use.source, use.key) for found in _uses(workload))
