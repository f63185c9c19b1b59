"""Innocent changes by name: one file, one decorated function, one decoy."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random

from aiops.core.entity import Entity, Manifest
from aiops.core.errors import NotPossibleError
from aiops.core.kubernetes_api import KubernetesApi
from aiops.core.registry import Registry, summary_of

DecoyFunction = Callable[[KubernetesApi, str, Random, frozenset[str]], Awaitable[Entity]]
"""(API, namespace, random numbers, names of objects to keep away from) -> what was changed."""


@dataclass(frozen=True, slots=True)
class Decoy:
    """A change that an ordinary user makes and that users of the application never feel."""

    name: str
    summary: str
    function: DecoyFunction


DECOYS: Registry[Decoy] = Registry("decoy", "aiops.bench.decoys")


def decoy(function: DecoyFunction) -> DecoyFunction:
    """Register a decoy under its function's name."""
    DECOYS.add(function.__name__, Decoy(function.__name__, summary_of(function), function))
    return function


async def some(
    kube: KubernetesApi, kind: str, namespace: str, rng: Random, avoided: frozenset[str], *, running: bool = True
) -> Manifest:
    """One object of a kind that is not avoided; of Deployments, where `running`, only those that are all available and
    whose pods take no device: one pod more, as a rollout starts it, may find none free, and then it is stuck.

    Raises `NotPossibleError`.
    """
    found = [item for item in await kube.list(kind, namespace) if item["metadata"]["name"] not in avoided]
    if kind == "Deployment" and running:
        found = [item for item in found if _available(item) and not _takes_devices(item)]
    found.sort(key=lambda item: str(item["metadata"]["name"]))
    if not found:
        raise NotPossibleError(f"namespace {namespace!r} has no {kind} to change")
    return rng.choice(found)


def _available(deployment: Manifest) -> bool:
    wanted = deployment["spec"].get("replicas", 1)
    return bool(wanted) and deployment.get("status", {}).get("availableReplicas", 0) == wanted


def _takes_devices(deployment: Manifest) -> bool:
    """Extended resources have the name of a vendor before theirs."""
    containers = deployment["spec"]["template"]["spec"]["containers"]
    return any("/" in name for one in containers for name in one.get("resources", {}).get("limits", {}))
