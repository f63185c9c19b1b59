"""Whether users are well and the cause is gone: asked of the world and of the fault, never of the agent."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.core.entity import Manifest
from aiops.core.model import Value
from aiops.lab.world import World

WINDOW = 120.0
"""Simulated seconds over which a service level is judged."""

TOLERANCE = 0.02
"""Share of good answers by which a service may fall short of how it was before."""

MINUTE = 60.0


class Health(Value):
    """`good` is the share of users' requests that were answered well and in time; `unfinished` names Deployments whose
    rollout has not come to its end."""

    good: float
    unfinished: tuple[str, ...]

    def well(self, wanted: float) -> bool:
        """Whether this counts as well, where `wanted` is the share of good answers that does."""
        return self.good >= wanted and not self.unfinished


def objective_of(world: World, onset: float) -> float:
    """The share of good answers that counts as well: the objective, or nearly what it was before the onset."""
    return min(world.objective.availability, good(world, onset - WINDOW, onset) - TOLERANCE)


def good(world: World, start: float, end: float) -> float:
    """The share of users' requests between two moments that were answered well and in time."""
    return world.service_level(start, end).good


def health(world: World) -> Health:
    """How it stands, over the window that ends now."""
    unfinished = tuple(
        str(item["metadata"]["name"])
        for item in world.cluster.objects("Deployment", world.namespace)
        if not _rolled_out(item)
    )
    return Health(good=good(world, world.now - WINDOW, world.now), unfinished=unfinished)


def by_minute(world: World, start: float, end: float) -> list[float]:
    """The share of good answers of each whole minute."""
    return [round(good(world, minute, minute + MINUTE), 4) for minute in _minutes(start, end)]


def well_since(world: World, onset: float, end: float, wanted: float) -> float | None:
    """Seconds from the onset until users were well for good, to half a minute; None where they are not."""
    last_bad = onset
    moment = onset + MINUTE / 2
    while moment <= end:
        if good(world, moment - MINUTE / 2, moment) < wanted:
            last_bad = moment
        moment += MINUTE / 2
    return None if last_bad > end - WINDOW else last_bad - onset


def _minutes(start: float, end: float) -> Iterator[float]:
    moment = start
    while moment + MINUTE <= end:
        yield moment
        moment += MINUTE


def _rolled_out(deployment: Manifest) -> bool:
    """As `kubectl rollout status` says it."""
    wanted, status = deployment["spec"].get("replicas", 1), deployment.get("status", {})
    return bool(
        status.get("observedGeneration", 0) >= deployment["metadata"].get("generation", 0)
        and status.get("updatedReplicas", 0) == wanted
        and status.get("replicas", 0) == wanted
        and status.get("availableReplicas", 0) == wanted
    )
