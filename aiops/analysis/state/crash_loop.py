"""A container that ends with an error again and again."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from aiops.analysis.state.cluster import ClusterState, moment, statuses
from aiops.analysis.state.new_image import image_before
from aiops.analysis.state.registry import Finding, blame, check
from aiops.core.entity import Entity, Manifest
from aiops.core.mechanism import Mechanism

RECENT = 1800.0
"""Seconds for which an ended container says something about now."""

NEW_PROGRAM, SAME_PROGRAM, SETTING = 0.4, 0.1, 0.25
"""How far a crash speaks for the program, where its image is new and where it is not, and for its configuration."""


@check("crash-loop")
def crash_loop(state: ClusterState) -> Iterator[Finding]:
    """Containers that exited with an error (not for memory) and wait to be started again, or just were."""
    for pod in state.of("Pod"):
        told = _told_to_end(pod)
        for status in statuses(pod):
            ended = _ended(status, told)
            if ended and ended.get("reason") != "OOMKilled" and ended.get("exitCode") not in (0, None):
                finished = moment(ended.get("finishedAt"))
                if finished is None or state.now - finished < RECENT:
                    yield _finding(state, pod, status, ended, finished)


def _ended(status: Manifest, told: float) -> Manifest | None:
    """How a container ended last by itself, before its pod was told to."""
    for key in ("state", "lastState"):
        ended: Manifest | None = status.get(key, {}).get("terminated")
        if ended and (moment(ended.get("finishedAt")) or 0.0) < told:
            return ended
    return None


def _told_to_end(pod: Manifest) -> float:
    """When the pod was deleted (unix seconds): an exit after that is no error, also where a finalizer holds the pod."""
    deleted = moment(pod["metadata"].get("deletionTimestamp"))
    return inf if deleted is None else deleted - float(pod["metadata"].get("deletionGracePeriodSeconds") or 0)


def _finding(state: ClusterState, pod: Manifest, status: Manifest, ended: Manifest, finished: float | None) -> Finding:
    seen = Entity.of({"kind": "Pod", **pod})
    subject = state.workload(pod) or seen
    looping = status.get("state", {}).get("waiting", {}).get("reason") == "CrashLoopBackOff"
    name = status["name"]
    before = image_before(state, subject, name)
    # An exit code does not tell the configuration from the program; a change or a log line has to.
    program = NEW_PROGRAM if before else SAME_PROGRAM
    path = f"spec.template.spec.containers[{name}].image" if before else None
    return Finding(
        subject=subject,
        seen_in=seen,
        summary=f"Container {name} of {subject} exits with an error{' in a loop' if looping else ''}.",
        observed=f"exit code {ended.get('exitCode')}, {status.get('restartCount', 0)} restart(s)",
        score=1.0 if looping else 0.6,
        since=finished,
        suggests=(
            *blame(subject, Mechanism.APP_VERSION, program, path, before),
            *blame(subject, Mechanism.CONFIG_ENV_VALUE, SETTING),
        ),
    )
