"""What a pod asks of nodes, read once for all pods that ask the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from aiops.core.entity import Manifest
from aiops.lab.control.scheduling.cache import ClusterCache
from aiops.lab.control.scheduling.nodeinfo import PodInfo
from aiops.lab.control.scheduling.spread import Constraint, constraints, default_constraints
from aiops.lab.control.scheduling.terms import NodeTerm, node_term
from aiops.lab.control.volumes.classes import claim_names
from aiops.lab.kube.objects import controller_of, labels_of
from aiops.lab.kube.storage.store import ObjectStore

_ASKING = (
    "nodeName",
    "nodeSelector",
    "affinity",
    "tolerations",
    "topologySpreadConstraints",
    "overhead",
    "resources",
    "hostNetwork",
)


@dataclass(frozen=True, slots=True)
class Profile:
    """Pods of one profile are answered alike by every node."""

    namespace: str
    labels: dict[str, str]
    info: PodInfo
    node_name: str
    node_selector: dict[str, str]
    required: tuple[NodeTerm, ...] | None
    preferred: tuple[tuple[int, NodeTerm], ...]
    tolerations: tuple[dict[str, Any], ...]
    hard: tuple[Constraint, ...]
    soft: tuple[Constraint, ...]
    default_soft: bool
    images: tuple[str, ...]
    claims: tuple[str, ...]

    def likes(self, node: Manifest) -> bool:
        """Do `nodeSelector` and the required node affinity allow the node?"""
        labels = labels_of(node)
        if any(labels.get(key) != value for key, value in self.node_selector.items()):
            return False
        return self.required is None or any(term.matches(node) for term in self.required)


def signature(pod: Manifest) -> bytes:
    """Equal for pods of equal profiles."""
    spec, metadata = pod["spec"], pod["metadata"]
    asked = [spec.get(field) for field in _ASKING]
    containers = [
        [(c.get("image"), c.get("resources"), c.get("ports"), c.get("restartPolicy")) for c in spec.get(field) or ()]
        for field in ("containers", "initContainers")
    ]
    owner = (controller_of(pod) or {}).get("uid")
    return orjson.dumps([metadata["namespace"], metadata.get("labels"), owner, asked, containers, claim_names(pod)])


def read_profile(store: ObjectStore, cache: ClusterCache, pod: Manifest) -> Profile:
    spec = pod["spec"]
    affinity = (spec.get("affinity") or {}).get("nodeAffinity") or {}
    required = affinity.get("requiredDuringSchedulingIgnoredDuringExecution")
    preferred = affinity.get("preferredDuringSchedulingIgnoredDuringExecution") or ()
    own = bool(spec.get("topologySpreadConstraints"))
    images = [c.get("image", "") for field in ("initContainers", "containers") for c in spec.get(field) or ()]
    return Profile(
        namespace=pod["metadata"]["namespace"],
        labels=labels_of(pod),
        info=cache.info(pod),
        node_name=spec.get("nodeName") or "",
        node_selector=spec.get("nodeSelector") or {},
        required=tuple(node_term(t) for t in required["nodeSelectorTerms"]) if required else None,
        preferred=tuple((each["weight"], node_term(each["preference"])) for each in preferred),
        tolerations=tuple(spec.get("tolerations") or ()),
        hard=constraints(pod, "DoNotSchedule"),
        soft=constraints(pod, "ScheduleAnyway") if own else default_constraints(store, pod),
        default_soft=not own,
        images=tuple(_normalised(image) for image in images),
        claims=claim_names(pod),
    )


def _normalised(image: str) -> str:
    return image if image.rfind(":") > image.rfind("/") else f"{image}:latest"
