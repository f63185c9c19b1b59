"""A container that ends with an error again and again."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from aiops.analysis.changes.mechanisms import image_mechanism
from aiops.analysis.state.before import container_before, image_before, template_before
from aiops.analysis.state.cluster import ClusterState, container_of, statuses
from aiops.analysis.state.containers.probe_failures import said_of
from aiops.analysis.state.containers.roles import is_helper, is_init
from aiops.analysis.state.containers.start_failure import start_failure
from aiops.analysis.state.events import events_about
from aiops.analysis.state.makers import subject_of
from aiops.analysis.state.registry import Finding, blame, check
from aiops.core.changes import FieldChange
from aiops.core.entity import Entity, Manifest
from aiops.core.evidence import Hypothesis
from aiops.core.mechanism import Mechanism
from aiops.core.moments import created_at, moment

RECENT = 1800.0
"""Seconds for which an ended container says something about now."""

NEW_PROGRAM, SAME_PROGRAM, SETTING = 0.4, 0.1, 0.25
"""How far a crash speaks for the program, where its image is new and where it is not, and for its configuration."""

OTHER_PROGRAM = 0.7
"""The same for an image with another name."""

TERMINATED = (143, 137)
"""Exit codes of processes that were sent SIGTERM, or SIGKILL when they did not end."""

NEW_HELPER, HELPER = 0.9, 0.7
"""And for a container beside the program, by whether it came or was changed with the newest revision."""


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
    seen = Entity.of(pod)
    subject = subject_of(state, pod)
    looping = status.get("state", {}).get("waiting", {}).get("reason") == "CrashLoopBackOff"
    name = status["name"]
    return Finding(
        subject=subject,
        seen_in=seen,
        summary=f"Container {name} of {subject} exits with an error{' in a loop' if looping else ''}.",
        observed=f"exit code {ended.get('exitCode')}, {status.get('restartCount', 0)} restart(s)",
        score=1.0 if looping else 0.6,
        since=_since(state, pod, seen, status, finished),
        suggests=_suggests(state, pod, subject, status),
    )


def _since(state: ClusterState, pod: Manifest, seen: Entity, status: Manifest, finished: float | None) -> float | None:
    """When it first ended like that, as far as anything tells: of a loop only the last time stands in the status."""
    made = created_at(pod)
    told = [event.first_at for event in events_about(state, seen, "BackOff") if event.first_at]
    # A pod that has restarted so often for its age has done nothing else.
    young = [made] if made is not None and status.get("restartCount", 0) > 0 and state.now - made < RECENT else []
    return min([at for at in (finished, *told, *young) if at is not None], default=None)


def _suggests(state: ClusterState, pod: Manifest, subject: Entity, status: Manifest) -> tuple[Hypothesis, ...]:
    name = status["name"]
    template = {"metadata": pod["metadata"], "spec": pod["spec"]}
    if is_init(template, name) or start_failure(status):
        return ()  # their own checks know more
    place = f"spec.template.spec.containers[{name}]"
    if is_helper(template, subject.name, name):
        was = container_before(state, subject, name)
        new = template_before(state, subject) is not None and (was or {}).get("image") != _image(pod, name)
        return blame(subject, Mechanism.CONFIG_SIDECAR, NEW_HELPER if new else HELPER, place)
    if _was_told_to_end(state, pod, status):
        return ()
    before = image_before(state, subject, name)
    # An exit code does not tell the configuration from the program; a change or a log line has to.
    setting = (
        *blame(subject, Mechanism.CONFIG_ENV_VALUE, SETTING),
        *blame(subject, Mechanism.CONFIG_COMMAND, SETTING),
    )
    if before is None:
        return (*blame(subject, Mechanism.APP_VERSION, SAME_PROGRAM), *setting)
    kind = image_mechanism(FieldChange(path="", old=before, new=_image(pod, name)))
    strength = OTHER_PROGRAM if kind is Mechanism.IMAGE_WRONG else NEW_PROGRAM
    return (*blame(subject, kind, strength, f"{place}.image", before), *setting)


def _was_told_to_end(state: ClusterState, pod: Manifest, status: Manifest) -> bool:
    """Did the kubelet end it, because a probe failed?"""
    ended = _ended(status, inf) or {}
    said = said_of(state, Entity.of(pod), "Liveness", "Startup")
    return ended.get("exitCode") in TERMINATED and bool(said)


def _image(pod: Manifest, container: str) -> str | None:
    image = (container_of({"spec": pod["spec"]}, container) or {}).get("image")
    return str(image) if image else None
