"""A container that ends with an error again and again."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.analysis.state.cluster import ClusterState, moment, statuses
from aiops.analysis.state.registry import Finding, check
from aiops.core.entity import Entity, Manifest
from aiops.core.evidence import Hypothesis
from aiops.core.mechanism import Mechanism

RECENT = 1800.0
"""Seconds for which an ended container says something about now."""


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
    # An exit code does not tell the configuration from the program; a change or a log line has to.
    guesses = ((Mechanism.APP_VERSION, 0.25), (Mechanism.CONFIG_ENV_VALUE, 0.25))
    return Finding(
        subject=subject,
        seen_in=seen,
        summary=f"Container {name} of {subject} exits with an error{' in a loop' if looping else ''}.",
        observed=f"exit code {ended.get('exitCode')}, {status.get('restartCount', 0)} restart(s)",
        score=1.0 if looping else 0.6,
        since=finished,
        suggests=tuple(Hypothesis(subject=subject, mechanism=m, strength=s) for m, s in guesses),
    )
