"""The rules of `status-rules`, in the order in which a person would read `kubectl get`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from aiops.bench.agents import status_fixes as fixes
from aiops.core.entity import Entity, Manifest
from aiops.core.kubernetes_api import KubernetesApi
from aiops.core.mechanism import Mechanism

Fix = Callable[[KubernetesApi], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule says, and its obvious fix; None where a person must look."""

    subject: Entity
    mechanism: Mechanism
    text: str
    fix: Fix | None = None


@dataclass(frozen=True, slots=True)
class State:
    """One look at the objects of a namespace."""

    deployments: list[Manifest]
    replica_sets: list[Manifest]
    pods: list[Manifest]
    services: list[Manifest]

    @classmethod
    async def read(cls, kube: KubernetesApi, namespace: str) -> State:
        """Read the namespace's objects, each kind by name."""
        kinds = ("Deployment", "ReplicaSet", "Pod", "Service")
        lists = [sorted(await kube.list(kind, namespace), key=_name) for kind in kinds]
        return cls(*lists)

    def owner(self, pod: Manifest) -> Manifest | None:
        """The Deployment of a pod."""
        return self._by_uid(self.deployments, self._by_uid(self.replica_sets, pod))

    def selected(self, service: Manifest) -> list[Manifest]:
        """The pods that a Service selects."""
        selector = service["spec"].get("selector") or {}
        return [pod for pod in self.pods if selector.items() <= pod["metadata"].get("labels", {}).items()]

    def containers(self) -> Iterator[tuple[Manifest, Manifest, Manifest]]:
        """(Deployment, pod, container status) of every pod that a Deployment has."""
        for pod in self.pods:
            if (deployment := self.owner(pod)) is not None:
                for status in pod.get("status", {}).get("containerStatuses") or ():
                    yield deployment, pod, status

    @staticmethod
    def _by_uid(items: list[Manifest], owned: Manifest | None) -> Manifest | None:
        owners = {owner["uid"] for owner in (owned or {"metadata": {}})["metadata"].get("ownerReferences") or ()}
        return next((item for item in items if item["metadata"]["uid"] in owners), None)


Check = Callable[[State], Finding | None]


def image_not_pulled(state: State) -> Finding | None:
    """The image of a pod cannot be pulled: back to the revision before."""
    for deployment, _, status in state.containers():
        if _waiting(status) in ("ErrImagePull", "ImagePullBackOff", "InvalidImageName"):
            return _rolled_back(state, deployment, Mechanism.IMAGE_UNAVAILABLE, "its image cannot be pulled")
    return None


def configuration_missing(state: State) -> Finding | None:
    """A key that a container needs is not there: back to the revision before, where there is one."""
    for deployment, _, status in state.containers():
        if _waiting(status) == "CreateContainerConfigError":
            return _rolled_back(
                state, deployment, Mechanism.CONFIG_MISSING_KEY, "a container's configuration is missing"
            )
    return None


def out_of_memory(state: State) -> Finding | None:
    """A container was killed for its memory: twice the limit."""
    for deployment, _, status in state.containers():
        for part in ("state", "lastState"):
            if (status.get(part, {}).get("terminated") or {}).get("reason") == "OOMKilled":
                subject = Entity.of(deployment)
                fix = partial(fixes.raise_memory_limit, deployment=deployment)
                return Finding(subject, Mechanism.RESOURCE_MEMORY_LIMIT, "killed for its memory", fix)
    return None


def crashing(state: State) -> Finding | None:
    """A container crashes again and again: back to the revision before."""
    for deployment, _, status in state.containers():
        if _waiting(status) == "CrashLoopBackOff":
            return _rolled_back(state, deployment, Mechanism.APP_VERSION, "it crashes")
    return None


def not_scheduled(state: State) -> Finding | None:
    """No node fits a pod: without its node selector."""
    for pod in state.pods:
        deployment = state.owner(pod)
        if deployment is None or pod.get("status", {}).get("phase") != "Pending" or pod["spec"].get("nodeName"):
            continue
        fix = partial(fixes.drop_node_selector, deployment=deployment)
        return Finding(Entity.of(deployment), Mechanism.SCHEDULING_NODE_SELECTOR, "its pods fit no node", fix)
    return None


def scaled_to_zero(state: State) -> Finding | None:
    """A Deployment wants no pods: two of them."""
    for deployment in state.deployments:
        if deployment["spec"].get("replicas", 1) == 0:
            fix = partial(fixes.scale, deployment=deployment, replicas=2)
            return Finding(Entity.of(deployment), Mechanism.SCALING_REPLICAS, "it wants no pods", fix)
    return None


def nothing_selected(state: State) -> Finding | None:
    """A Service selects no pod: the labels of the Deployment of its name."""
    for service in state.services:
        if service["spec"].get("selector") and not state.selected(service):
            name = service["metadata"]["name"]
            namesake = next((item for item in state.deployments if _name(item) == name), None)
            fix = partial(fixes.select, service=service, deployment=namesake) if namesake else None
            return Finding(Entity.of(service), Mechanism.CONFIG_SELECTOR, "it selects no pod", fix)
    return None


def wrong_port(state: State) -> Finding | None:
    """A Service sends to a port that none of its pods declares: their first one."""
    for service in state.services:
        declared = [port for pod in state.selected(service) for c in pod["spec"]["containers"] for port in _ports(c)]
        target = service["spec"]["ports"][0].get("targetPort", service["spec"]["ports"][0]["port"])
        if declared and not any(target in (port.get("name"), port["containerPort"]) for port in declared):
            fix = partial(fixes.send_to, service=service, port=declared[0]["containerPort"])
            return Finding(Entity.of(service), Mechanism.CONFIG_TARGET_PORT, "no pod has its target port", fix)
    return None


def not_ready(state: State) -> Finding | None:
    """A running container is not ready: back to the revision before."""
    for deployment, _, status in state.containers():
        if "running" in status.get("state", {}) and not status.get("ready"):
            return _rolled_back(state, deployment, Mechanism.CONFIG_PROBE, "its pods run and are not ready")
    return None


CHECKS: tuple[Check, ...] = (
    image_not_pulled,
    configuration_missing,
    out_of_memory,
    crashing,
    not_scheduled,
    scaled_to_zero,
    nothing_selected,
    wrong_port,
    not_ready,
)


def _rolled_back(state: State, deployment: Manifest, mechanism: Mechanism, text: str) -> Finding:
    before = fixes.previous_template(deployment, state.replica_sets)
    fix = partial(fixes.roll_back, deployment=deployment, template=before) if before is not None else None
    return Finding(Entity.of(deployment), mechanism, text, fix)


def _waiting(status: Manifest) -> str:
    return str((status.get("state", {}).get("waiting") or {}).get("reason", ""))


def _ports(container: Manifest) -> list[dict[str, Any]]:
    return list(container.get("ports") or ())


def _name(item: Manifest) -> str:
    return str(item["metadata"]["name"])
