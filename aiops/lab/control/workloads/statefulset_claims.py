"""The volume claims of a StatefulSet's pods: made before the pod, kept or given to an owner by the retention policy."""

from __future__ import annotations

from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.control.client import ControllerClient
from aiops.lab.control.events import NORMAL, WARNING, EventRecorder
from aiops.lab.control.workloads.owning import owner_reference
from aiops.lab.control.workloads.statefulset_pods import claim_name, claim_templates, ordinal_of, ordinals
from aiops.lab.kube.errors import ApiError
from aiops.lab.kube.objects import deleting, owners, uid_of, with_metadata
from aiops.lab.kube.storage.store import ObjectStore

DELETE = "Delete"


class Claims:
    """Creates claims, and names the set or the pod as their owner where they go with it."""

    def __init__(self, store: ObjectStore, events: EventRecorder) -> None:
        self._store = store
        self._client = ControllerClient(store)
        self._events = events

    def ensure(self, owner: Manifest, pod: Manifest) -> None:
        """Create the pod's claims that are missing. Raises `ApiError` with all that went wrong."""
        wrong = [text for text in (self._ensure(owner, pod, t) for t in claim_templates(owner)) if text]
        if wrong:
            raise ApiError(409, "Conflict", wrong[0] if len(wrong) == 1 else f"[{', '.join(wrong)}]")

    def _ensure(self, owner: Manifest, pod: Manifest, template: Manifest) -> str:
        namespace, name = owner["metadata"]["namespace"], claim_name(owner, template, ordinal_of(pod))
        found = self._store.find("PersistentVolumeClaim", namespace, name)
        if found is not None:
            return f"pvc {name} is being deleted" if deleting(found) else ""
        whose = f"Pod {pod['metadata']['name']} in StatefulSet {owner['metadata']['name']}"
        try:
            self._client.create(_claim(owner, template, namespace, name))
        except ApiError as error:
            text = f"Create Claim {name} for {whose} failed error: {error}"
            self._events.record(owner, WARNING, "FailedCreate", text)
            return f"failed to create PVC {name}: {error}"
        self._events.record(owner, NORMAL, "SuccessfulCreate", f"Create Claim {name} {whose} success")
        return ""

    def stale(self, owner: Manifest, pod: Manifest) -> bool:
        """Does a claim still belong to an earlier pod of the same name?"""
        if _policy(owner)["whenScaled"] != DELETE:
            return False
        return any(_stale(claim, pod) for claim in self._existing(owner, pod))

    def owned_as_asked(self, owner: Manifest, pod: Manifest) -> bool:
        return all(_wanted(claim, owner, pod) == list(owners(claim)) for claim in self._existing(owner, pod))

    def settle_owners(self, owner: Manifest, pod: Manifest) -> None:
        """Write the owners that the retention policy asks for. Raises `ApiError`."""
        for claim in self._existing(owner, pod):
            if _foreign_controller(claim, owner, pod):
                text = (
                    f"PersistentVolumeClaim {claim['metadata']['name']} has a conflicting OwnerReference that acts as "
                    "a manging controller, the retention policy is ignored for this claim"
                )
                self._events.record(owner, WARNING, "ConflictingController", text)
            wanted = _wanted(claim, owner, pod)
            if wanted != list(owners(claim)):
                self._client.update(with_metadata(claim, ownerReferences=wanted or None))

    def _existing(self, owner: Manifest, pod: Manifest) -> list[Manifest]:
        namespace, number = owner["metadata"]["namespace"], ordinal_of(pod)
        names = [claim_name(owner, template, number) for template in claim_templates(owner)]
        found = [self._store.find("PersistentVolumeClaim", namespace, name) for name in names]
        return [claim for claim in found if claim is not None]


def _claim(owner: Manifest, template: Manifest, namespace: str, name: str) -> Manifest:
    metadata = template["metadata"]
    labels = {**(metadata.get("labels") or {}), **(owner["spec"]["selector"].get("matchLabels") or {})}
    meta = {**metadata, "name": name, "namespace": namespace, "labels": labels}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": meta, "spec": template["spec"]}


def _policy(owner: Manifest) -> dict[str, str]:
    policy = owner["spec"].get("persistentVolumeClaimRetentionPolicy") or {}
    return {"whenDeleted": "Retain", "whenScaled": "Retain", **policy}


def _refers(reference: dict[str, Any], item: Manifest) -> bool:
    """Does a reference speak of an object of this name, be it this one or an earlier one?"""
    own = (item["apiVersion"], item["kind"], item["metadata"]["name"])
    return (reference["apiVersion"], reference["kind"], reference["name"]) == own


def _stale(claim: Manifest, pod: Manifest) -> bool:
    uid = pod["metadata"].get("uid", "")
    return any(_refers(reference, pod) and reference["uid"] != uid for reference in owners(claim))


def _foreign_controller(claim: Manifest, owner: Manifest, pod: Manifest) -> bool:
    """Does somebody else control a claim that the retention policy is about?"""
    if DELETE not in _policy(owner).values():
        return False
    for reference in owners(claim):
        ours = next((item for item in (owner, pod) if _refers(reference, item)), None)
        if ours is not None and reference["uid"] != uid_of(ours):
            return True
        if ours is None and reference.get("controller"):
            return True
    return False


def _wanted(claim: Manifest, owner: Manifest, pod: Manifest) -> list[dict[str, Any]]:
    """The references that the claim should have; unchanged where the policy is fulfilled."""
    if "uid" not in pod["metadata"] or _stale(claim, owner) or _stale(claim, pod):
        return list(owners(claim))
    rest = [reference for reference in owners(claim) if not (_refers(reference, owner) or _refers(reference, pod))]
    if _foreign_controller(claim, owner, pod):
        return rest
    policy = _policy(owner)
    scaled_down = ordinal_of(pod) not in ordinals(owner)
    if policy["whenScaled"] == DELETE and scaled_down:
        return [*rest, owner_reference(pod)]
    return [*rest, owner_reference(owner)] if policy["whenDeleted"] == DELETE else rest
