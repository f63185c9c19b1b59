"""The EndpointSlice controller."""

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
from aiops.lab.control.network.reconcile import Endpoint, reconcile
from aiops.lab.control.network.slice_objects import MANAGED_BY, SERVICE_NAME, new_slice, ports_of, slice_parts
from aiops.lab.control.network.trigger import TriggerTimes
from aiops.lab.kube.objects import Key, annotations_of, condition_is, deleting, key_of, labels_of, uid_of, with_metadata
from aiops.lab.kube.storage.history import Write
from aiops.lab.kube.storage.store import ObjectStore

NAME = "endpointslice-controller.k8s.io"
ZONE = "topology.kubernetes.io/zone"


class EndpointSliceController(Controller):
    """Keeps the slices of each Service that has a selector; they go with it by the garbage collector."""

    account = "endpointslice-controller"
    hears = ("Service", "Pod", "EndpointSlice")

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._client = ControllerClient(store)
        self._triggers = TriggerTimes()
        self._services = ServicesOfPods(store)

    def keys(self, write: Write) -> Iterable[Key]:
        yield from self._services.keys(write)
        if write.kind == "EndpointSlice" and labels_of(write.new).get(MANAGED_BY) == NAME:
            name = labels_of(write.new).get(SERVICE_NAME)
            if name:
                yield write.new["metadata"]["namespace"], name

    def sync(self, key: Key) -> float | None:
        service = self._store.find("Service", *key)
        if service is None:
            self._triggers.forget(key)
            return None
        if not has_selector(service) or deleting(service):
            return None
        pods = pods_of(self._store, service)
        groups: dict[tuple[Port, ...], list[Endpoint]] = {}
        for pod in pods:
            groups.setdefault(resolve_ports(service, pod), []).append(self._endpoint(service, pod))
        self._write(service, groups, self._triggers.next(service, pods))
        return None

    def _endpoint(self, service: Manifest, pod: Manifest) -> Endpoint:
        ready, leaving = condition_is(pod, "Ready"), deleting(pod)
        always = bool(service["spec"].get("publishNotReadyAddresses"))
        spec = pod["spec"]
        endpoint: Endpoint = {
            "addresses": [pod["status"]["podIP"]],
            "conditions": {"ready": always or (ready and not leaving), "serving": ready, "terminating": leaving},
        }
        if spec.get("hostname") and spec.get("subdomain") == service["metadata"]["name"]:
            endpoint["hostname"] = spec["hostname"]
        if spec.get("nodeName"):
            endpoint["nodeName"] = spec["nodeName"]
        endpoint["targetRef"] = target_reference(pod)
        node = self._store.find("Node", "", spec.get("nodeName", ""))
        zone = labels_of(node).get(ZONE) if node is not None else None
        if zone:
            endpoint["zone"] = zone
        return endpoint

    def _write(self, service: Manifest, groups: dict[tuple[Port, ...], list[Endpoint]], trigger: str) -> None:
        owned = [
            piece
            for piece in self._store.owned(uid_of(service), "EndpointSlice")
            if labels_of(piece).get(MANAGED_BY) == NAME and not deleting(piece)
        ]
        by_ports: dict[tuple[Port, ...], list[Manifest]] = {ports: [] for ports in groups}
        spare: list[Manifest] = []
        for piece in owned:
            by_ports.get(ports_of(piece), spare).append(piece)
        for ports, endpoints in groups.items():
            self._write_group(service, ports, by_ports[ports], spare, endpoints, trigger)
        if not groups and owned:
            self._replace(service, spare.pop(0), (), [], trigger)
        elif not groups:
            self._client.create(self._new(service, (), [], trigger))
        for piece in spare:
            self._client.delete("EndpointSlice", key_of(piece))

    def _write_group(
        self,
        service: Manifest,
        ports: tuple[Port, ...],
        existing: list[Manifest],
        spare: list[Manifest],
        endpoints: list[Endpoint],
        trigger: str,
    ) -> None:
        """The slices of one set of ports. New ones take the place of slices that nobody needs any more."""
        changes = reconcile(existing, endpoints)
        spare.extend(changes.delete)
        for piece, listed in changes.update:
            self._replace(service, piece, ports, listed, trigger)
        for listed in changes.create:
            if spare:
                self._replace(service, spare.pop(0), ports, listed, trigger)
            else:
                self._client.create(self._new(service, ports, listed, trigger))
        changed = {piece["metadata"]["name"] for piece, _ in changes.update}
        for piece in existing:
            stays = piece["metadata"]["name"] not in changed and piece not in changes.delete
            if stays and labels_of(piece) != _labels(service):
                self._client.update(with_metadata(piece, labels=_labels(service)))

    def _replace(
        self, service: Manifest, piece: Manifest, ports: tuple[Port, ...], endpoints: list[Endpoint], trigger: str
    ) -> None:
        body = slice_parts(endpoints, ports)
        same = (piece.get("endpoints") or None, piece.get("ports") or None) == (body["endpoints"], body["ports"])
        if same and labels_of(piece) == _labels(service):
            return
        kept = {key: value for key, value in annotations_of(piece).items() if key != LAST_CHANGE}
        if trigger:
            kept[LAST_CHANGE] = trigger
        self._client.update(with_metadata({**piece, **body}, labels=_labels(service), annotations=kept or None))

    def _new(self, service: Manifest, ports: tuple[Port, ...], endpoints: list[Endpoint], trigger: str) -> Manifest:
        marks = {LAST_CHANGE: trigger} if trigger else {}
        return new_slice(service, slice_parts(endpoints, ports), labels=_labels(service), annotations=marks)


def _labels(service: Manifest) -> dict[str, str]:
    reserved = (SERVICE_NAME, MANAGED_BY, HEADLESS)
    labels = {key: value for key, value in labels_of(service).items() if key not in reserved}
    if is_headless(service):
        labels[HEADLESS] = ""
    return {**labels, SERVICE_NAME: service["metadata"]["name"], MANAGED_BY: NAME}
