"""A container whose image the kubelet cannot pull."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.analysis.state.before import image_before
from aiops.analysis.state.cluster import ClusterState, container_of, statuses, waiting
from aiops.analysis.state.containers.image_failure import pull_mechanism
from aiops.analysis.state.containers.pull_secrets import credentials_suspects, lacks_secret
from aiops.analysis.state.containers.roles import is_init
from aiops.analysis.state.events import events_about
from aiops.analysis.state.makers import subject_of
from aiops.analysis.state.registry import Finding, blame, check
from aiops.core.entity import Entity, Manifest
from aiops.core.evidence import Hypothesis
from aiops.core.mechanism import Mechanism
from aiops.core.moments import created_at

REASONS = frozenset(
    {"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "RegistryUnavailable"}
)


HIDDEN = "may require authorization"
"""What a registry says that tells nobody whether an image is there. It was, where the pods ran it before."""


@check("image-unavailable")
def image_unavailable(state: ClusterState) -> Iterator[Finding]:
    """Containers that wait for an image which cannot be pulled, and whether it, its registry or its build is why."""
    for pod, container, told in waiting(state, REASONS):
        yield _finding(state, pod, container, told)


def _finding(state: ClusterState, pod: Manifest, container: str, told: Manifest) -> Finding:
    seen = Entity.of(pod)
    subject = subject_of(state, pod)
    image = _image(pod, container)
    said = _said(state, seen, told)
    return Finding(
        subject=subject,
        seen_in=seen,
        summary=f"The image of container {container} of {subject} cannot be pulled.",
        observed=f"{image}: {told['reason']}: {said}".rstrip(": "),
        score=1.0,
        since=created_at(pod),
        suggests=_suggests(state, pod, subject, container, said),
    )


def _said(state: ClusterState, pod: Entity, told: Manifest) -> str:
    """The error of the pull: while the kubelet waits before it tries again, only the events hold it."""
    message = str(told.get("message", ""))
    if told.get("reason") != "ImagePullBackOff":
        return message
    failed = [
        e.message for e in events_about(state, pod, "Failed") if "pull" in e.message and "Error: " not in e.message
    ]
    return next(iter(failed), message)


def _suggests(state: ClusterState, pod: Manifest, subject: Entity, container: str, said: str) -> tuple[Hypothesis, ...]:
    image = _image(pod, container)
    former = image_before(state, subject, container)
    mechanism = pull_mechanism(said)
    unsaid = mechanism is Mechanism.IMAGE_UNAVAILABLE and HIDDEN in said and former is None
    if mechanism is Mechanism.IMAGE_CREDENTIALS or unsaid or lacks_secret(state, pod):
        return credentials_suspects(state, pod, subject, container)
    wanted = _working_image(state, subject, container, image)
    place = "initContainers" if is_init({"spec": pod["spec"]}, container) else "containers"
    return blame(subject, mechanism, 0.95, f"spec.template.spec.{place}[{container}].image", wanted)


def _image(pod: Manifest, container: str) -> str:
    """The image of a container or init container of a pod."""
    every = [*(pod["spec"].get("initContainers") or []), *(pod["spec"].get("containers") or [])]
    return next((str(c.get("image", "")) for c in every if c.get("name") == container), "")


def _working_image(state: ClusterState, workload: Entity, container: str, broken: str) -> str | None:
    """The image with which other pods of the workload run, or ran at the previous revision."""
    for pod in state.pods_of(workload):
        for status in statuses(pod):
            spec = container_of({"spec": pod["spec"]}, container) or {}
            if status["name"] == container and "running" in status.get("state", {}) and spec.get("image") != broken:
                return str(spec["image"])
    for template in state.templates(workload):
        spec = container_of(template, container) or {}
        if spec.get("image") not in (None, broken):
            return str(spec["image"])
    return None
