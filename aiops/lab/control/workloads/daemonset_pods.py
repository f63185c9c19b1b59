"""The pods of one DaemonSet at one moment, node by node."""

from __future__ import annotations

from dataclasses import dataclass, field

from aiops.core.entity import Manifest
from aiops.lab.control.workloads.controller_revisions import POD_HASH
from aiops.lab.control.workloads.daemonset_nodes import placement, target_node
from aiops.lab.control.workloads.pods import is_available, is_finished
from aiops.lab.control.workloads.rollout import scaled
from aiops.lab.kube.objects import annotations_of, deleting, labels_of

GENERATION = "deprecated.daemonset.template.generation"
POD_GENERATION = "pod-template-generation"


@dataclass(slots=True)
class Daemons:
    """A DaemonSet with the hash of its revision, the nodes, whether each should and may run a pod, and its pods."""

    owner: Manifest
    digest: str
    now: float
    nodes: list[Manifest]
    runs: dict[str, tuple[bool, bool]] = field(default_factory=dict)
    pods: dict[str, list[Manifest]] = field(default_factory=dict)

    @property
    def delay(self) -> int:
        return int(self.owner["spec"].get("minReadySeconds", 0))

    @property
    def desired(self) -> int:
        return sum(should for should, _ in self.runs.values())

    def updated(self, pod: Manifest) -> bool:
        """Is a pod of the present template?"""
        generation = annotations_of(self.owner).get(GENERATION)
        labels = labels_of(pod)
        return labels.get(POD_HASH) == self.digest or (
            generation is not None and labels.get(POD_GENERATION) == generation
        )

    def available(self, pod: Manifest) -> bool:
        return is_available(pod, self.delay, self.now)

    def new_and_old(self, node: str) -> tuple[Manifest | None, Manifest | None] | None:
        """The node's pod of the present template and that of another; None where there are several of a kind."""
        left = [pod for pod in self.pods.get(node, ()) if not deleting(pod)]
        new = [pod for pod in left if self.updated(pod)]
        old = [pod for pod in left if not self.updated(pod)]
        if len(new) > 1 or len(old) > 1:
            return None
        return (new[0] if new else None), (old[0] if old else None)

    def bounds(self) -> tuple[int, int]:
        """How many pods an update may have too many, and too few."""
        rolling = self.owner["spec"]["updateStrategy"].get("rollingUpdate") or {}
        surge = scaled(rolling.get("maxSurge", 0), self.desired, up=True)
        unavailable = scaled(rolling.get("maxUnavailable", 1), self.desired, up=True)
        return surge, 1 if self.desired and not surge and not unavailable else unavailable

    def allows_surge(self) -> bool:
        strategy = self.owner["spec"]["updateStrategy"]
        rolling = strategy.get("rollingUpdate") or {}
        return bool(strategy["type"] == "RollingUpdate" and scaled(rolling.get("maxSurge", 0), 1, up=True))


def daemons(owner: Manifest, digest: str, nodes: list[Manifest], pods: list[Manifest], now: float) -> Daemons:
    """Sort the pods by node, the oldest first and those that have their node before those that wait for it."""
    found = Daemons(owner, digest, now, nodes)
    place = placement(owner)
    found.runs = {node["metadata"]["name"]: place.on(node) for node in nodes}
    for pod in sorted(pods, key=_age):
        if is_finished(pod) and deleting(pod):
            continue
        if node := target_node(pod):
            found.pods.setdefault(node, []).append(pod)
    return found


def _age(pod: Manifest) -> tuple[bool, str, str]:
    metadata = pod["metadata"]
    return not pod["spec"].get("nodeName"), metadata["creationTimestamp"], metadata["name"]
