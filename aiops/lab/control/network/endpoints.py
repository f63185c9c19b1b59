"""The Endpoints controller: the same addresses in the form that clients before EndpointSlices read."""

from __future__ import annotations

from collections.abc import Iterable

from aiops.core.entity import Manifest
from aiops.lab.control.client import ControllerClient
from aiops.lab.control.controller import Controller
from aiops.lab.control.network.pods import (
    HEADLESS,
    LAST_CHANGE,
    Port,
    ServicesOfPods,
    has_selector,
    is_headless,
    pods_of,
    resolve_ports,
    target_reference,
)
from aiops.lab.control.network.trigger import TriggerTimes
from aiops.lab.kube.objects import Key, annotations_of, condition_is, deleting, labels_of, with_metadata
from aiops.lab.kube.storage.history import Write
from aiops.lab.kube.storage.store import ObjectStore

MANAGED_BY = "endpoints.kubernetes.io/managed-by"
NAME = "endpoint-controller"
OVER_CAPACITY = "endpoints.kubernetes.io/over-capacity"
CAPACITY = 1000
"""Addresses of one Endpoints; more are left out."""


class EndpointsController(Controller):
    """Keeps the Endpoints of each Service that has a selector."""

    account = "endpoint-controller"
    hears = ("Service", "Pod")

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._client = ControllerClient(store)
        self._triggers = TriggerTimes()
        self._services = ServicesOfPods(store)

    def keys(self, write: Write) -> Iterable[Key]:
        return self._services.keys(write)

    def sync(self, key: Key) -> float | None:
        service, old = self._store.find("Service", *key), self._store.find("Endpoints", *key)
        if service is None:
            self._triggers.forget(key)
            if old is not None:
                self._client.delete("Endpoints", key)
            return None
        if not has_selector(service) or deleting(service):
            return None
        always = bool(service["spec"].get("publishNotReadyAddresses"))
        pods = [pod for pod in pods_of(self._store, service) if always or not deleting(pod)]
        self._write(service, old, _subsets(service, pods, always=always), self._triggers.next(service, pods))
        return None

    def _write(self, service: Manifest, old: Manifest | None, subsets: list[Manifest], trigger: str) -> None:
        subsets, over = _within_capacity(subsets)
        labels = _labels(service)
        body = {"subsets": subsets} if subsets else {}
        if old is None:
            marks = {**({LAST_CHANGE: trigger} if trigger else {}), **({OVER_CAPACITY: "truncated"} if over else {})}
            metadata = {"name": service["metadata"]["name"], "namespace": service["metadata"]["namespace"]}
            metadata |= {"labels": labels, **({"annotations": marks} if marks else {})}
            self._client.create({"apiVersion": "v1", "kind": "Endpoints", "metadata": metadata, **body})
            return
        if (old.get("subsets") or []) == subsets and labels_of(old) == labels:
            return
        marks = {key: value for key, value in annotations_of(old).items() if key not in (LAST_CHANGE, OVER_CAPACITY)}
        if trigger:
            marks[LAST_CHANGE] = trigger
        if over:
            marks[OVER_CAPACITY] = "truncated"
        kept = {key: value for key, value in old.items() if key != "subsets"}
        self._client.update(with_metadata({**kept, **body}, labels=labels, annotations=marks or None))


def _labels(service: Manifest) -> dict[str, str]:
    labels = {key: value for key, value in labels_of(service).items() if key != HEADLESS}
    if is_headless(service):
        labels[HEADLESS] = ""
    return {**labels, MANAGED_BY: NAME}


def _subsets(service: Manifest, pods: list[Manifest], *, always: bool) -> list[Manifest]:
    """The addresses by the ports that they serve, as `RepackSubsets` orders them."""
    bare = is_headless(service) and not service["spec"].get("ports")
    groups: dict[tuple[Port, ...], tuple[list[Manifest], list[Manifest]]] = {}
    for pod in pods:
        ports = resolve_ports(service, pod)
        if ports or bare:
            entry = groups.setdefault(ports, ([], []))
            entry[0 if always or condition_is(pod, "Ready") else 1].append(_address(service, pod))
    found = []
    for ports in sorted(groups):
        ready, waiting = (sorted(listed, key=_order) for listed in groups[ports])
        subset: Manifest = {}
        if ready:
            subset["addresses"] = ready
        if waiting:
            subset["notReadyAddresses"] = waiting
        if ports:
            subset["ports"] = [_port(port) for port in ports]
        found.append(subset)
    return found


def _port(port: Port) -> Manifest:
    name, number, kind, app = port
    named = {"name": name} if name else {}
    return {**named, "port": number, "protocol": kind, **({"appProtocol": app} if app else {})}


def _address(service: Manifest, pod: Manifest) -> Manifest:
    spec = pod["spec"]
    address: Manifest = {"ip": pod["status"]["podIP"]}
    if spec.get("hostname") and spec.get("subdomain") == service["metadata"]["name"]:
        address["hostname"] = spec["hostname"]
    if spec.get("nodeName"):
        address["nodeName"] = spec["nodeName"]
    return {**address, "targetRef": target_reference(pod)}


def _order(address: Manifest) -> tuple[str, str]:
    return address["ip"], address["targetRef"]["uid"]


def _within_capacity(subsets: list[Manifest]) -> tuple[list[Manifest], bool]:
    """The first thousand addresses; those that are ready go first."""
    total = sum(len(each.get(part) or ()) for each in subsets for part in ("addresses", "notReadyAddresses"))
    if total <= CAPACITY:
        return subsets, False
    left = CAPACITY
    cut = [dict(each) for each in subsets]
    for part in ("addresses", "notReadyAddresses"):
        for each in cut:
            listed = each.pop(part, [])[:left]
            left -= len(listed)
            if listed:
                each[part] = listed
    return [each for each in cut if each.get("addresses") or each.get("notReadyAddresses")], True
