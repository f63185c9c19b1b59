"""Claims as pods name them, StorageClasses as claims name them."""

from __future__ import annotations

from aiops.core.entity import Manifest
from aiops.lab.kube.objects import annotations_of
from aiops.lab.kube.storage.store import ObjectStore

PROVISIONER_NONE = "kubernetes.io/no-provisioner"
OLD_CLASS = "volume.beta.kubernetes.io/storage-class"
DEFAULT = "storageclass.kubernetes.io/is-default-class"


def claim_class(claim: Manifest) -> str:
    """The class of a claim or a volume; the annotation of old clusters goes first."""
    old = annotations_of(claim).get(OLD_CLASS)
    return old if old is not None else str(claim["spec"].get("storageClassName") or "")


def class_of(store: ObjectStore, name: str) -> Manifest | None:
    return store.find("StorageClass", "", name) if name else None


def waits_for_consumer(store: ObjectStore, claim: Manifest) -> bool:
    """Is the claim bound only once a pod that uses it has a node?"""
    found = class_of(store, claim_class(claim))
    return found is not None and found.get("volumeBindingMode") == "WaitForFirstConsumer"


def default_class(store: ObjectStore) -> Manifest | None:
    """The newest default StorageClass, as the admission plug-in chooses."""
    found = [each for each in store.objects("StorageClass") if annotations_of(each).get(DEFAULT) == "true"]
    found.sort(key=lambda each: each["metadata"]["name"])
    return max(found, key=lambda each: str(each["metadata"]["creationTimestamp"]), default=None)


def claim_names(pod: Manifest) -> tuple[str, ...]:
    """The PersistentVolumeClaims that a pod mounts; that of an ephemeral volume has the pod's name before its own."""
    names = []
    for volume in pod["spec"].get("volumes") or ():
        if volume.get("persistentVolumeClaim"):
            names.append(volume["persistentVolumeClaim"]["claimName"])
        elif volume.get("ephemeral"):
            names.append(f"{pod['metadata']['name']}-{volume['name']}")
    return tuple(names)
