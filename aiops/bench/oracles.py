"""Whether users are well and the cause is gone: asked of the world and of the fault, never of the agent."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from aiops.bench.maintenance import waits
from aiops.core.clock import from_rfc3339
from aiops.core.entity import Entity, Manifest
from aiops.core.model import Value
from aiops.lab.world import World

WINDOW = 120.0
"""Simulated seconds over which a service level is judged."""

TOLERANCE = 0.02
"""Share of good answers by which a service may fall short of how it was before."""

MINUTE = 60.0

MESSAGE_DEADLINE = 120.0
"""Simulated seconds within which a message is to be handled."""

JOB_DEADLINE = 600.0
"""Simulated seconds within which a Job is to have begun to work."""


class Health(Value):
    """`good` is the share of users' requests that were answered rightly and in time; `unfinished` names what should
    have come to its end: rollouts, Jobs, the drain of a node, messages that wait."""

    good: float
    unfinished: tuple[str, ...]

    def well(self, wanted: float) -> bool:
        """Whether this counts as well, where `wanted` is the share of good answers that does."""
        return self.good >= wanted and not self.unfinished


def objective_of(world: World, onset: float) -> float:
    """The share of good answers that counts as well: the objective, or nearly what it was before the onset."""
    return min(world.objective.availability, good(world, onset - WINDOW, onset) - TOLERANCE)


def good(world: World, start: float, end: float) -> float:
    """The share of users' requests between two moments that were answered rightly and in time."""
    return world.service_level(start, end).good


def health(world: World, drained: str | None = None, *, messages: bool = False) -> Health:
    """How it stands, over the window that ends now. `drained` is a node that somebody wants to empty; with `messages`
    it counts whether these are handled in time."""
    unfinished = [str(Entity.of(item)) for item in _owed(world)]
    if drained is not None and waits(world, drained):
        unfinished.append(f"drain of Node/{drained}")
    if messages:
        unfinished += [topic for topic, late in world.waiting_messages().items() if late > MESSAGE_DEADLINE]
    return Health(good=good(world, world.now - WINDOW, world.now), unfinished=tuple(unfinished))


def pods_ready(world: World) -> bool:
    """Whether all pods of the application run and are ready: what many take for health. Nothing is said of users."""
    pods = (pod for namespace in world.namespaces for pod in world.cluster.objects("Pod", namespace))
    return all(_ready(pod) for pod in pods)


def _ready(pod: Manifest) -> bool:
    status = pod.get("status") or {}
    return status.get("phase") == "Succeeded" or any(
        each["type"] == "Ready" and each["status"] == "True" for each in status.get("conditions") or ()
    )


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


def _owed(world: World) -> Iterator[Manifest]:
    """Rollouts and Jobs of the application that have not come to their end, or to a bad one."""
    for namespace in world.namespaces:
        for kind, done in _DONE.items():
            for item in world.cluster.objects(kind, namespace):
                if not done(item, world.now):
                    yield {**item, "kind": kind}


def _job_done(job: Manifest, now: float) -> bool:
    """A Job that works or has time left is well, and so is a failed one of a CronJob: the next one makes up for it."""
    status = job.get("status") or {}
    conditions = {each["type"] for each in status.get("conditions") or () if each["status"] == "True"}
    if conditions & {"Complete", "Suspended"} or job["spec"].get("suspend") or status.get("ready"):
        return True
    if "Failed" in conditions:
        return bool(job["metadata"].get("ownerReferences"))
    return now - from_rfc3339(job["metadata"]["creationTimestamp"]) < JOB_DEADLINE


def _set_rolled_out(stateful: Manifest, _: float) -> bool:
    wanted, status = stateful["spec"].get("replicas", 1), stateful.get("status") or {}
    behind = status.get("observedGeneration", 0) < stateful["metadata"].get("generation", 0)
    return not behind and status.get("updatedReplicas", 0) >= wanted and status.get("readyReplicas", 0) == wanted


def _daemons_rolled_out(daemons: Manifest, _: float) -> bool:
    status = daemons.get("status") or {}
    wanted = status.get("desiredNumberScheduled", 0)
    behind = status.get("observedGeneration", 0) < daemons["metadata"].get("generation", 0)
    return not behind and status.get("updatedNumberScheduled", 0) >= wanted and status.get("numberReady", 0) >= wanted


def _rolled_out(deployment: Manifest, _: float) -> bool:
    """As `kubectl rollout status` says it."""
    wanted, status = deployment["spec"].get("replicas", 1), deployment.get("status", {})
    return bool(
        status.get("observedGeneration", 0) >= deployment["metadata"].get("generation", 0)
        and status.get("updatedReplicas", 0) == wanted
        and status.get("replicas", 0) == wanted
        and status.get("availableReplicas", 0) == wanted
    )


_DONE: dict[str, Callable[[Manifest, float], bool]] = {
    "Deployment": _rolled_out,
    "StatefulSet": _set_rolled_out,
    "DaemonSet": _daemons_rolled_out,
    "Job": _job_done,
}
