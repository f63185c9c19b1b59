"""An init container that fails or does not end."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.analysis.state.before import template_before
from aiops.analysis.state.cluster import ClusterState, pod_template
from aiops.analysis.state.containers.roles import is_init
from aiops.analysis.state.owners import workload_of
from aiops.analysis.state.registry import Finding, blame, check
from aiops.core.entity import Entity, Manifest
from aiops.core.mechanism import Mechanism
from aiops.core.moments import created_at, moment

PATIENCE = 120.0
"""Seconds that an init container may take: those that load something are done sooner, or say why not."""

NEW, OLD = 0.95, 0.55
"""Strength where the container came or was changed with the newest revision, and where it worked before: then it may
wait for something else that is broken."""

ELSEWHERE = ("ImagePullBackOff", "ErrImagePull", "CreateContainerConfigError", "InvalidImageName")
"""What other checks tell more of."""


@check("init-container")
def init_container(state: ClusterState) -> Iterator[Finding]:
    """Pods whose init container ends with an error again and again, or runs on for long."""
    said: set[tuple[Entity, str]] = set()
    for pod in state.of("Pod"):
        subject = state.workload(pod) or workload_of(pod)
        if subject is None or "deletionTimestamp" in pod["metadata"]:
            continue
        for status in pod.get("status", {}).get("initContainerStatuses") or []:
            how = _stuck(state, status)
            if how and is_init({"spec": pod["spec"]}, status["name"]) and (subject, status["name"]) not in said:
                said.add((subject, status["name"]))
                yield _finding(state, pod, subject, status["name"], how)


def _stuck(state: ClusterState, status: Manifest) -> str:
    """How an init container keeps its pod from starting; empty where it does not, or another check says it better."""
    now = status.get("state", {})
    waiting, running, ended = (now.get(key) or {} for key in ("waiting", "running", "terminated"))
    last = ended or status.get("lastState", {}).get("terminated") or {}
    if waiting.get("reason") in ELSEWHERE:
        return ""
    if last.get("exitCode") not in (0, None):
        message = f": {last['message']}" if last.get("message") else ""
        return f"exit code {last['exitCode']}, {status.get('restartCount', 0)} restart(s){message}"
    started = moment(running.get("startedAt"))
    if started is not None and state.now - started > PATIENCE:
        return f"running for {state.now - started:.0f} s"
    return ""


def _finding(state: ClusterState, pod: Manifest, subject: Entity, container: str, how: str) -> Finding:
    before, now = template_before(state, subject), state.find(subject.kind, subject.namespace, subject.name)
    was = _init(before, container) if before else None
    changed = before is not None and now is not None and was != _init(pod_template(now), container)
    path = f"spec.template.spec.initContainers[{container}]"
    return Finding(
        subject=subject,
        seen_in=Entity.of(pod),
        summary=f"Init container {container} keeps pods of {subject} from starting.",
        observed=how,
        score=1.0,
        since=created_at(pod),
        suggests=blame(subject, Mechanism.CONFIG_INIT_CONTAINER, NEW if changed else OLD, path, was),
    )


def _init(template: Manifest, name: str) -> Manifest | None:
    found: list[Manifest] = template.get("spec", {}).get("initContainers") or []
    return next((container for container in found if container.get("name") == name), None)
