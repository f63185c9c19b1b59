"""Ending a whole pod: because it is deleted, over, past its deadline, refused by its node or evicted from it.

Main containers end first and together; sidecars after them, the last one first, as the kubelet's `terminationOrdering`.
"""

from __future__ import annotations

from aiops.core.clock import from_rfc3339
from aiops.core.entity import Manifest
from aiops.lab.control.kubelet.notes import PodNotes
from aiops.lab.control.kubelet.sequence import ephemeral_containers, init_containers, is_sidecar
from aiops.lab.control.kubelet.termination import Terminator
from aiops.lab.control.kubelet.worker import INFINITY, Ending, PodWorker
from aiops.lab.kube.objects import deleting

DEADLINE_REASON = "DeadlineExceeded"
DEADLINE_MESSAGE = "Pod was active on the node longer than the specified deadline"
TERMINAL = ("Succeeded", "Failed")
UNKNOWN_EXIT = {
    "exitCode": 137,
    "reason": "ContainerStatusUnknown",
    "message": "The container could not be located when the pod was terminated",
    "startedAt": None,
    "finishedAt": None,
}


def deadline_of(pod: Manifest) -> float:
    """When the pod has been active for longer than it may (unix seconds); infinite where it has no such limit."""
    seconds, start = pod["spec"].get("activeDeadlineSeconds"), pod.get("status", {}).get("startTime")
    return INFINITY if seconds is None or not start else from_rfc3339(start) + seconds


def grace_of(pod: Manifest) -> float:
    """Seconds that the pod has for its end."""
    asked = pod["metadata"].get("deletionGracePeriodSeconds")
    return float(pod["spec"].get("terminationGracePeriodSeconds", 30) if asked is None else asked)


def end_containers(terminator: Terminator, pod: Manifest, worker: PodWorker, notes: PodNotes, now: float) -> bool:
    """Ask the next of a pod's containers to end. Returns whether all have."""
    ending = worker.ending or Ending(now)
    first = [*pod["spec"]["containers"], *ephemeral_containers(pod)]
    first += [spec for spec in init_containers(pod) if not is_sidecar(spec)]
    sidecars = [spec for spec in reversed(init_containers(pod)) if is_sidecar(spec)]
    for group in (first, *([spec] for spec in sidecars)):
        running = [spec for spec in group if worker.container(spec["name"]).running]
        for spec in running:
            container = worker.container(spec["name"])
            if not container.stopping or ending.shortened:
                terminator.kill(container, spec, notes, max(ending.until - now, 0.0))
        if running:
            ending.shortened = False
            return False
    return True


def close(pod: Manifest, worker: PodWorker, phase: str) -> None:
    """All containers have ended: none of them waits any more, and the pod has a last phase.

    As the kubelet's `TerminatePod`: what is not known to have ended well counts as failed."""
    for spec in pod["spec"]["containers"]:
        container = worker.container(spec["name"])
        if container.id and not container.ended and container.last_state:
            container.state, container.last_state = container.last_state, {}
        elif worker.initialized and not container.ended:
            container.state = {"terminated": UNKNOWN_EXIT}
    if phase not in TERMINAL and worker.ending is not None:
        worker.ending.phase = "Failed"


def note_ending(pod: Manifest, worker: PodWorker, now: float) -> None:
    """A pod that is deleted, or that somebody else has declared over, ends; a second deletion may
    leave it less time."""
    if deleting(pod):
        until = now + grace_of(pod)
        if worker.ending is None:
            worker.ending = Ending(until)
        elif until < worker.ending.until:
            worker.ending.until = until
            worker.ending.shortened = True
    elif worker.ending is None and pod.get("status", {}).get("phase") in TERMINAL:
        status = pod["status"]
        worker.ending = Ending(
            now + grace_of(pod), status["phase"], status.get("reason", ""), status.get("message", "")
        )
