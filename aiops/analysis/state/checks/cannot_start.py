"""A container whose process the runtime cannot start: the command is not in the image, or not for this processor."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.analysis.state.before import container_before, image_before
from aiops.analysis.state.cluster import ClusterState, container_of, statuses
from aiops.analysis.state.containers.start_failure import ARCHITECTURE, start_failure
from aiops.analysis.state.makers import subject_of
from aiops.analysis.state.registry import Finding, blame, check
from aiops.core.entity import Entity, Manifest
from aiops.core.evidence import Hypothesis
from aiops.core.mechanism import Mechanism
from aiops.core.moments import created_at

PROOF, LIKELY, PERHAPS = 0.95, 0.8, 0.5


@check("cannot-start")
def cannot_start(state: ClusterState) -> Iterator[Finding]:
    """Containers that were made, and whose process could not be started."""
    said: set[tuple[Entity, str]] = set()
    for pod in state.of("Pod"):
        subject = subject_of(state, pod)
        for status in statuses(pod):
            told = start_failure(status)
            if told and (subject, status["name"]) not in said:
                said.add((subject, status["name"]))
                yield _finding(state, pod, subject, status["name"], told)


def _finding(state: ClusterState, pod: Manifest, subject: Entity, container: str, told: str) -> Finding:
    return Finding(
        subject=subject,
        seen_in=Entity.of(pod),
        summary=f"The process of container {container} of {subject} cannot be started.",
        observed=told,
        score=1.0,
        since=created_at(pod),
        suggests=_suggests(state, pod, subject, container, told),
    )


def _suggests(state: ClusterState, pod: Manifest, subject: Entity, container: str, told: str) -> tuple[Hypothesis, ...]:
    place = f"spec.template.spec.containers[{container}]"
    image = image_before(state, subject, container)
    if ARCHITECTURE.search(told):
        return blame(subject, Mechanism.IMAGE_ARCHITECTURE, PROOF, f"{place}.image", image)
    now = container_of({"spec": pod["spec"]}, container) or {}
    before = container_before(state, subject, container)
    part = next((p for p in ("command", "args", "workingDir") if before and now.get(p) != before.get(p)), None)
    if part is None and image is not None:
        # The command stands as it was: it is the image that lacks it.
        return blame(subject, Mechanism.IMAGE_WRONG, LIKELY, f"{place}.image", image)
    sure = PROOF if part else LIKELY if now.get("command") else PERHAPS
    field = f"{place}.{part or 'command'}"
    return blame(subject, Mechanism.CONFIG_COMMAND, sure, field, before.get(part) if before and part else None)
