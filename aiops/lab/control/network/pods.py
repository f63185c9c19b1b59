"""Which pods a Service has, which ports they serve it on, and which changes of a pod matter to it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.control.selecting import Selecting
from aiops.lab.kube.objects import Key, condition_is, deleting, key_of, labels_of
from aiops.lab.kube.selectors import matches_map
from aiops.lab.kube.storage.deletion import FINISHED
from aiops.lab.kube.storage.history import Write
from aiops.lab.kube.storage.store import ObjectStore

Port = tuple[str, int, str, str]
"""Name, number, protocol and application protocol of a port as one pod resolves it."""

HEADLESS = "service.kubernetes.io/headless"
LAST_CHANGE = "endpoints.kubernetes.io/last-change-trigger-time"


def has_selector(service: Manifest) -> bool:
    return bool(service["spec"].get("selector")) and service["spec"].get("type") != "ExternalName"


def is_headless(service: Manifest) -> bool:
    return str(service["spec"].get("clusterIP")) == "None"


def pods_of(store: ObjectStore, service: Manifest) -> list[Manifest]:
    """The selected pods that have an address and have not ended, by name."""
    selector = service["spec"]["selector"]
    return [pod for pod in store.labelled("Pod", service["metadata"]["namespace"], selector) if has_address(pod)]


def has_address(pod: Manifest) -> bool:
    status = pod.get("status", {})
    return bool(status.get("podIP")) and status.get("phase") not in FINISHED


def _selector(service: Manifest) -> Manifest | None:
    return service["spec"].get("selector") or None


class ServicesOfPods:
    """Which Services to look at again after a write to one of them or to a pod."""

    def __init__(self, store: ObjectStore) -> None:
        self._services = Selecting(store, "Service", _selector)

    def keys(self, write: Write) -> Iterable[Key]:
        if write.kind == "Service":
            yield key_of(write.new)
        elif write.kind == "Pod" and matters(write):
            labels = [labels_of(pod) for pod in (write.new, write.old) if pod]
            for service in self._services.candidates(write.new["metadata"]["namespace"], *labels):
                if any(matches_map(service["spec"]["selector"], each) for each in labels):
                    yield key_of(service)


def matters(write: Write) -> bool:
    """Does a write to a pod change what its Services see?"""
    if write.old is None or write.type == "DELETED":
        return True
    return _view(write.old) != _view(write.new)


def _view(pod: Manifest) -> tuple[Any, ...]:
    status = pod.get("status", {})
    ready = condition_is(pod, "Ready")
    return status.get("podIP"), status.get("phase"), ready, deleting(pod), labels_of(pod), pod["spec"].get("nodeName")


def resolve_ports(service: Manifest, pod: Manifest) -> tuple[Port, ...]:
    """The ports of a Service on one pod. A named one that the pod lacks is left out."""
    found = []
    for port in service["spec"].get("ports") or ():
        number = port["targetPort"]
        if isinstance(number, str):
            number = _named_port(pod, number, port["protocol"])
        if number:
            found.append((port.get("name", ""), int(number), port["protocol"], port.get("appProtocol") or ""))
    return tuple(found)


def _named_port(pod: Manifest, name: str, protocol: str) -> int | None:
    spec = pod["spec"]
    sidecars = [c for c in spec.get("initContainers") or () if c.get("restartPolicy") == "Always"]
    for container in [*spec["containers"], *sidecars]:
        for port in container.get("ports") or ():
            if port.get("name") == name and port.get("protocol", "TCP") == protocol:
                return int(port["containerPort"])
    return None


def target_reference(pod: Manifest) -> Manifest:
    metadata = pod["metadata"]
    return {"kind": "Pod", "namespace": metadata["namespace"], "name": metadata["name"], "uid": metadata["uid"]}
