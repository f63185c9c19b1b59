"""A container that the kubelet cannot make, because what its environment refers to is not there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from aiops.analysis.state.cluster import ClusterState, container_of, waiting
from aiops.analysis.state.containers.key_references import KeyReference, key_references
from aiops.analysis.state.containers.missing_config import missing_config
from aiops.analysis.state.registry import Finding, check
from aiops.core.entity import Entity, Manifest
from aiops.core.moments import created_at

REASONS = frozenset({"CreateContainerConfigError", "CreateContainerError"})

_NO_KEY = re.compile(
    r"couldn't find key (?P<key>\S+) in (?P<kind>ConfigMap|Secret) [^/\s]+/(?P<name>\S+)", re.IGNORECASE
)
_NO_OBJECT = re.compile(r"\b(?P<kind>configmap|secret) \"(?P<name>[^\"]+)\" not found", re.IGNORECASE)
"""What the kubelet writes (`pkg/kubelet/kubelet_pods.go`, `makeEnvironmentVariables`)."""

STRENGTH = 0.95
"""The kubelet has looked, and has the right to look into Secrets, which nobody else here has."""


@check("container-config")
def container_config(state: ClusterState) -> Iterator[Finding]:
    """Containers that wait because the kubelet finds no such key, ConfigMap or Secret."""
    for pod, container, told in waiting(state, REASONS):
        yield _finding(state, pod, container, told)


def _finding(state: ClusterState, pod: Manifest, container: str, told: Manifest) -> Finding:
    seen = Entity.of(pod)
    subject = state.workload(pod) or seen
    message = str(told.get("message", ""))
    missing = _missing(pod, container, message)
    why = f": {missing.config} lacks what {missing.variable} needs" if missing else ""
    return Finding(
        subject=subject,
        seen_in=seen,
        summary=f"Container {container} of {subject} cannot be made{why}.",
        observed=f"{told['reason']}: {message}",
        score=1.0,
        since=created_at(pod),
        suggests=missing_config(state, subject, container, missing, STRENGTH) if missing else (),
    )


def _missing(pod: Manifest, container: str, message: str) -> KeyReference | None:
    """The reference of the container's environment that the message is about; None where it is about none of them."""
    told = _NO_KEY.search(message) or _NO_OBJECT.search(message)
    spec = container_of({"spec": pod["spec"]}, container)
    if told is None or spec is None:
        return None
    parts = told.groupdict()
    for reference in key_references(spec, pod["metadata"].get("namespace", "")):
        same = (reference.config.kind.lower(), reference.config.name) == (parts["kind"].lower(), parts["name"])
        if same and parts.get("key") in (None, reference.key):
            return reference if parts.get("key") else reference.whole()
    return None
