"""A container whose image the kubelet cannot pull."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.analysis.state.cluster import ClusterState, container_of, moment, statuses, waiting
from aiops.analysis.state.registry import Finding, blame, check
from aiops.core.entity import Entity, Manifest
from aiops.core.mechanism import Mechanism

REASONS = frozenset(
    {"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "RegistryUnavailable"}
)


@check("image-unavailable")
def image_unavailable(state: ClusterState) -> Iterator[Finding]:
    """Containers that wait for an image which cannot be pulled."""
    for pod, container, told in waiting(state, REASONS):
        yield _finding(state, pod, container, told)


def _finding(state: ClusterState, pod: Manifest, container: str, told: Manifest) -> Finding:
    seen = Entity.of({"kind": "Pod", **pod})
    subject = state.workload(pod) or seen
    spec = container_of({"spec": pod["spec"]}, container) or {}
    image = spec.get("image", "")
    path = f"spec.template.spec.containers[{container}].image"
    return Finding(
        subject=subject,
        seen_in=seen,
        summary=f"The image of container {container} of {subject} cannot be pulled.",
        observed=f"{image}: {told['reason']}: {told.get('message', '')}".rstrip(": "),
        score=1.0,
        since=moment(pod["metadata"].get("creationTimestamp")),
        suggests=blame(
            subject, Mechanism.IMAGE_UNAVAILABLE, 0.95, path, _working_image(state, subject, container, image)
        ),
    )


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
