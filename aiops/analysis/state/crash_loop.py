"""A container that ends with an error again and again."""

from __future__ import annotations

from collections.abc import Iterator

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
        for status in statuses(pod):
            ended = _ended(status)
            if ended and ended.get("reason") != "OOMKilled" and ended.get("exitCode") not in (0, None):
                finished = moment(ended.get("finishedAt"))
                if finished is None or state.now - finished < RECENT:
                    yield _finding(state, pod, status, ended, finished)


def _ended(status: Manifest) -> Manifest | None:
    for key in ("state", "lastState"):
        ended: Manifest | None = status.get(key, {}).get("terminated")
        if ended:
            return ended
    return None


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
