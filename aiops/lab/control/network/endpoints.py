"""The endpoint controllers: which addresses a Service sends to, as EndpointSlices and as Endpoints."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.control.controller import CONTROLLER_MANAGER
from aiops.lab.control.workloads.owning import owner_reference
from aiops.lab.kube.names import random_suffix
from aiops.lab.kube.objects import Key, condition_is, deleting, key_of, labels_of, uid_of
from aiops.lab.kube.selectors import matches_map
from aiops.lab.kube.storage.deletion import FINISHED
from aiops.lab.kube.storage.history import Write
from aiops.lab.kube.storage.store import ObjectStore

SLICE_SIZE = 100
SERVICE_NAME = "kubernetes.io/service-name"
MANAGED_BY = "endpointslice.kubernetes.io/managed-by"
Ports = tuple[tuple[str, int, str], ...]
"""(name, number, protocol) of each port as one pod resolves it."""


class EndpointsController:
    """Keeps the endpoints of each Service that has a selector."""

    def __init__(self, store: ObjectStore, rng: Random) -> None:
        self._store = store
        self._rng = rng

    def keys(self, write: Write) -> Iterable[Key]:
        if write.kind == "Service":
            yield key_of(write.new)
        if write.kind == "Pod" and _matters(write):
            for service in self._store.objects("Service", write.new["metadata"]["namespace"]):
                selector = service["spec"].get("selector")
                if any(matches_map(selector, labels_of(pod)) for pod in (write.new, write.old) if pod):
                    yield key_of(service)

    def sync(self, key: Key) -> float | None:
        service = self._store.find("Service", *key)
        if service is None:
            if self._store.find("Endpoints", *key):
                self._store.delete("Endpoints", *key)
            return None
        if not service["spec"].get("selector") or deleting(service):
            return None
        pods = [
            pod
            for pod in self._store.objects("Pod", key[0])
            if matches_map(service["spec"]["selector"], labels_of(pod)) and _has_address(pod)
        ]
        groups: dict[Ports, list[Manifest]] = {}
        for pod in pods:
            groups.setdefault(resolve_ports(service, pod), []).append(pod)
        self._write_slices(service, groups)
        self._write_endpoints(service, groups)
        return None

    def _write_slices(self, service: Manifest, groups: dict[Ports, list[Manifest]]) -> None:
        wanted = [
            (ports, pods[start : start + SLICE_SIZE])
            for ports, pods in groups.items()
            for start in range(0, len(pods), SLICE_SIZE)
        ] or [(resolve_ports(service, None), [])]
        existing = self._store.owned(uid_of(service), "EndpointSlice")
        for index, (ports, pods) in enumerate(wanted):
            body = {
                "addressType": "IPv4",
                "endpoints": [_endpoint(pod) for pod in pods],
                "ports": [{"name": name, "port": number, "protocol": kind} for name, number, kind in ports],
            }
            if index < len(existing):
                self._store.update({**existing[index], **body}, manager=CONTROLLER_MANAGER)
            else:
                self._store.create(self._new_slice(service) | body, manager=CONTROLLER_MANAGER)
        for extra in existing[len(wanted) :]:
            self._store.delete("EndpointSlice", *key_of(extra))

    def _new_slice(self, service: Manifest) -> Manifest:
        metadata = service["metadata"]
        return {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {
                "name": f"{metadata['name']}-{random_suffix(self._rng)}",
                "generateName": f"{metadata['name']}-",
                "namespace": metadata["namespace"],
                "labels": {
                    **labels_of(service),
                    SERVICE_NAME: metadata["name"],
                    MANAGED_BY: "endpointslice-controller.k8s.io",
                },
                "ownerReferences": [owner_reference(service)],
            },
        }

    def _write_endpoints(self, service: Manifest, groups: dict[Ports, list[Manifest]]) -> None:
        subsets = [_subset(ports, pods) for ports, pods in groups.items() if any(not deleting(pod) for pod in pods)]
        metadata = service["metadata"]
        old = self._store.find("Endpoints", metadata["namespace"], metadata["name"])
        if old is not None:
            body = {key: value for key, value in old.items() if key != "subsets"}
            self._store.update(body | ({"subsets": subsets} if subsets else {}), manager=CONTROLLER_MANAGER)
            return
        new = {
            "apiVersion": "v1",
            "kind": "Endpoints",
            "metadata": {
                "name": metadata["name"],
                "namespace": metadata["namespace"],
                "labels": {**labels_of(service), "endpoints.kubernetes.io/managed-by": "endpoint-controller"},
            },
        }
        self._store.create(new | ({"subsets": subsets} if subsets else {}), manager=CONTROLLER_MANAGER)


def _matters(write: Write) -> bool:
    """Does a write to a pod change what its Services see?"""
    if write.old is None or write.type == "DELETED":
        return True
    return _view(write.old) != _view(write.new)


def _view(pod: Manifest) -> tuple[Any, ...]:
    status = pod.get("status", {})
    ready = condition_is(pod, "Ready")
    return status.get("podIP"), status.get("phase"), ready, deleting(pod), labels_of(pod), pod["spec"].get("nodeName")


def _has_address(pod: Manifest) -> bool:
    status = pod.get("status", {})
    return bool(status.get("podIP")) and status.get("phase") not in FINISHED


def resolve_ports(service: Manifest, pod: Manifest | None) -> Ports:
    """The ports of a Service on one pod. A named one that the pod lacks is left out."""
    found = []
    for port in service["spec"].get("ports") or ():
        number = port["targetPort"]
        if isinstance(number, str):
            number = _named_port(pod, number, port["protocol"])
        if number is not None:
            found.append((port.get("name", ""), number, port["protocol"]))
    return tuple(found)


def _named_port(pod: Manifest | None, name: str, protocol: str) -> int | None:
    for container in pod["spec"]["containers"] if pod else ():
        for port in container.get("ports") or ():
            if port.get("name") == name and port["protocol"] == protocol:
                return int(port["containerPort"])
    return None


def _endpoint(pod: Manifest) -> Manifest:
    ready = condition_is(pod, "Ready")
    return {
        "addresses": [pod["status"]["podIP"]],
        "conditions": {"ready": ready and not deleting(pod), "serving": ready, "terminating": deleting(pod)},
        "nodeName": pod["spec"].get("nodeName"),
        "targetRef": _reference(pod),
    }


def _reference(pod: Manifest) -> Manifest:
    metadata = pod["metadata"]
    return {"kind": "Pod", "namespace": metadata["namespace"], "name": metadata["name"], "uid": metadata["uid"]}


def _subset(ports: Ports, pods: list[Manifest]) -> Manifest:
    entries: dict[bool, list[Manifest]] = {True: [], False: []}
    for pod in pods:
        if not deleting(pod):
            address = {"ip": pod["status"]["podIP"], "nodeName": pod["spec"].get("nodeName")}
            entries[condition_is(pod, "Ready")].append({**address, "targetRef": _reference(pod)})
    named = [{"port": number, "protocol": kind, **({"name": name} if name else {})} for name, number, kind in ports]
    subset: Manifest = {"ports": named}
    if entries[True]:
        subset["addresses"] = entries[True]
    if entries[False]:
        subset["notReadyAddresses"] = entries[False]
    return subset
