"""A pod's claims: whether they can be had on a node, and which volumes they would get."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.control.scheduling.evaluation import Refusal
from aiops.lab.control.volumes.classes import PROVISIONER_NONE, claim_class, class_of, waits_for_consumer
from aiops.lab.control.volumes.matching import SELECTED_NODE, allows, find_matching
from aiops.lab.kube.objects import deleting, labels_of, uid_of
from aiops.lab.kube.storage.store import ObjectStore

NODE_CONFLICT = "node(s) didn't match PersistentVolume's node affinity"
BIND_CONFLICT = "node(s) didn't find available persistent volumes to bind"
NO_VOLUME = "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)"
ZONE_CONFLICT = "node(s) had no available volume zone"
IN_USE = (
    "node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod"
)
ZONES = ("topology.kubernetes.io/zone", "topology.kubernetes.io/region")
_OLD_ZONES = {
    "failure-domain.beta.kubernetes.io/zone": ZONES[0],
    "failure-domain.beta.kubernetes.io/region": ZONES[1],
}


class VolumeCheck:
    """The claims of one pod, sorted by what they need, as VolumeBinding, VolumeZone and VolumeRestrictions see them.

    `problem` is what keeps the pod off every node; empty where nothing does."""

    def __init__(self, store: ObjectStore, pod: Manifest, names: tuple[str, ...]) -> None:
        self._store = store
        self._pod = pod
        self.waiting: list[Manifest] = []
        self._volumes: list[Manifest] = []
        self._lost = False
        self.problem = self._sort(names)
        self._held = self._in_use_elsewhere(names)

    def _sort(self, names: tuple[str, ...]) -> str:
        immediate = False
        namespace = self._pod["metadata"]["namespace"]
        for name in names:
            claim = self._store.find("PersistentVolumeClaim", namespace, name)
            if claim is None:
                return self._missing(name)
            if deleting(claim):
                return f'persistentvolumeclaim "{name}" is being deleted'
            if (claim.get("status") or {}).get("phase") == "Lost":
                return f'persistentvolumeclaim "{name}" bound to non-existent persistentvolume "{volume_name(claim)}"'
            if volume_name(claim):
                volume = self._store.find("PersistentVolume", "", volume_name(claim))
                self._lost = self._lost or volume is None
                if volume is not None:
                    self._volumes.append(volume)
            elif waits_for_consumer(self._store, claim):
                self.waiting.append(claim)
            else:
                immediate = True
        return "pod has unbound immediate PersistentVolumeClaims" if immediate else ""

    def _missing(self, name: str) -> str:
        ephemeral = {
            f"{self._pod['metadata']['name']}-{volume['name']}"
            for volume in self._pod["spec"].get("volumes") or ()
            if volume.get("ephemeral")
        }
        if name in ephemeral:
            return f'waiting for ephemeral volume controller to create the persistentvolumeclaim "{name}"'
        return f'persistentvolumeclaim "{name}" not found'

    def _in_use_elsewhere(self, names: tuple[str, ...]) -> bool:
        """Is a claim for one pod alone used by another?"""
        namespace, uid = self._pod["metadata"]["namespace"], uid_of(self._pod)
        alone = set()
        for name in names:
            claim = self._store.find("PersistentVolumeClaim", namespace, name)
            if claim is not None and "ReadWriteOncePod" in (claim["spec"].get("accessModes") or ()):
                alone.add(name)
        if not alone:
            return False
        return any(
            uid_of(pod) != uid
            and pod["spec"].get("nodeName")
            and any((v.get("persistentVolumeClaim") or {}).get("claimName") in alone for v in _volumes_of(pod))
            for pod in self._store.objects("Pod", namespace)
        )

    def refuse(self, node: Manifest) -> Refusal | None:
        """What the claims say against a node."""
        if self._held:
            return Refusal((IN_USE,), final=False)
        reasons = []
        if not all(allows(volume, node) for volume in self._volumes):
            reasons.append(NODE_CONFLICT)
        if not self._can_bind(node):
            reasons.append(BIND_CONFLICT)
        if self._lost:
            reasons.append(NO_VOLUME)
        if reasons:
            return Refusal(tuple(reasons))
        return Refusal((ZONE_CONFLICT,)) if self._other_zone(node) else None

    def _can_bind(self, node: Manifest) -> bool:
        taken: dict[str, None] = {}
        for claim in self.waiting:
            selected = (claim["metadata"].get("annotations") or {}).get(SELECTED_NODE)
            if selected and selected != node["metadata"]["name"]:
                return False
            volume = None if selected else find_matching(self._store, claim, node, tuple(taken))
            if volume is not None:
                taken[volume["metadata"]["name"]] = None
            elif not self._can_provision(claim, node):
                return False
        return True

    def _can_provision(self, claim: Manifest, node: Manifest) -> bool:
        storage_class = class_of(self._store, claim_class(claim))
        if storage_class is None or storage_class["provisioner"] == PROVISIONER_NONE:
            return False
        return _topology_allows(storage_class.get("allowedTopologies") or (), node)

    def choose(self, node: Manifest) -> list[tuple[Manifest, Manifest | None]]:
        """Each waiting claim with the volume that it gets on this node; None where one is to be provisioned."""
        taken: dict[str, None] = {}
        chosen = []
        for claim in self.waiting:
            volume = find_matching(self._store, claim, node, tuple(taken))
            if volume is not None:
                taken[volume["metadata"]["name"]] = None
            chosen.append((claim, volume))
        return chosen

    def _other_zone(self, node: Manifest) -> bool:
        labels = labels_of(node)
        if not any(key in labels for key in (*ZONES, *_OLD_ZONES)):
            return False
        for volume in self._volumes:
            for key, value in labels_of(volume).items():
                wanted = _OLD_ZONES.get(key, key)
                if wanted in ZONES and labels.get(wanted, labels.get(key)) not in value.split("__"):
                    return True
        return False


def volume_name(claim: Manifest) -> str:
    return str(claim["spec"].get("volumeName") or "")


def _volumes_of(pod: Manifest) -> list[dict[str, Any]]:
    return pod["spec"].get("volumes") or []


def _topology_allows(terms: Any, node: Manifest) -> bool:
    labels: Mapping[str, str] = labels_of(node)
    return not terms or any(
        all(labels.get(entry["key"]) in entry["values"] for entry in term.get("matchLabelExpressions") or ())
        for term in terms
    )
