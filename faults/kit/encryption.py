"""Servers that take only TLS: which of their variables says so, and who calls them."""

from __future__ import annotations

from aiops.core.disturbance.behaviour import PlaintextRefused
from aiops.core.disturbance.process import Release
from aiops.core.entity import Entity, Manifest
from aiops.core.target import Target
from aiops.faults.kit.behind import behind
from aiops.faults.kit.candidates import calls_here
from aiops.faults.kit.reach import waited_for, waiting
from aiops.faults.kit.workloads import containers, for_container


async def called(target: Target, namespace: str) -> list[Entity]:
    """The Deployments behind Services that users wait for, and that are no stores, sorted by name."""
    found = {
        Entity.of(item) for call in await waited_for(target, namespace) for item in await behind(target, call.target)
    }
    return sorted(found.intersection(await waiting(target, namespace)), key=str)


async def callers_of(target: Target, server: Entity) -> list[Entity]:
    """The Deployments of the namespace that call a workload, sorted by name."""
    found = {
        call.source
        for call in await calls_here(target, server.namespace)
        for item in await behind(target, call.target)
        if Entity.of(item) == server
    }
    return sorted(found, key=str)


def only_encrypted(workload: Manifest, settings: dict[str, str], clients: dict[str, str]) -> Release:
    """The version that a workload runs takes only TLS where its environment holds `settings`: of clients whose
    environment holds `clients`."""
    image, _, version = str(containers(workload)[0]["image"]).rpartition(":")
    behaviour = PlaintextRefused(clients=clients)
    return Release(image=image, version=version, behaviours=(behaviour,), settings=settings)


def variable_of(workload: Manifest, name: str) -> str:
    """The value that a workload's first container gives to a variable; empty where it gives none."""
    entries = containers(workload)[0].get("env") or ()
    return next((str(entry.get("value") or "") for entry in entries if entry["name"] == name), "")


async def set_variable(target: Target, workload: Entity, name: str, value: str) -> None:
    """Give a variable of a workload's first container a value."""
    container = containers(await target.get(workload))[0]["name"]
    await target.patch(workload, for_container(container, env=[{"name": name, "value": value}]))
