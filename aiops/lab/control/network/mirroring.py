"""The EndpointSlice mirroring controller: slices of Endpoints that nobody but people and their tools write."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.control.client import ControllerClient
from aiops.lab.control.controller import Controller
from aiops.lab.control.network.endpoints import MANAGED_BY as ENDPOINTS_MANAGED_BY
from aiops.lab.control.network.endpoints import NAME as ENDPOINTS_CONTROLLER
from aiops.lab.control.network.pods import HEADLESS, LAST_CHANGE
from aiops.lab.control.network.slice_objects import MANAGED_BY, SERVICE_NAME, new_slice, ports_of, slice_parts
from aiops.lab.kube.objects import Key, annotations_of, deleting, key_of, labels_of, uid_of, with_metadata
from aiops.lab.kube.storage.history import Write
from aiops.lab.kube.storage.store import ObjectStore

NAME = "endpointslicemirroring-controller.k8s.io"
SKIP = "endpointslice.kubernetes.io/skip-mirror"
LEADER = "control-plane.alpha.kubernetes.io/leader"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_UNCOPIED = (LAST_CHANGE, LAST_APPLIED)


class EndpointSliceMirroringController(Controller):
    """Mirrors Endpoints of Services without a selector."""

    account = "endpointslicemirroring-controller"
    hears = ("Endpoints", "Service")

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._client = ControllerClient(store)

    def keys(self, write: Write) -> Iterable[Key]:
        if write.kind in ("Endpoints", "Service"):
            yield key_of(write.new)

    def sync(self, key: Key) -> float | None:
        endpoints, service = self._store.find("Endpoints", *key), self._store.find("Service", *key)
        if endpoints is None:
            return None
        owned = [
            piece
            for piece in self._store.owned(uid_of(endpoints), "EndpointSlice")
            if labels_of(piece).get(MANAGED_BY) == NAME and not deleting(piece)
        ]
        mirrored = _to_mirror(endpoints) and service is not None and not service["spec"].get("selector")
        wanted = [_body(subset) for subset in endpoints.get("subsets") or ()] if mirrored else []
        for body in wanted:
            if owned:
                self._replace(endpoints, owned.pop(0), body)
            else:
                labels, annotations = _labels(endpoints), _annotations(endpoints)
                kind = _address_type(body)
                self._client.create(
                    new_slice(endpoints, body, labels=labels, annotations=annotations, address_type=kind)
                )
        for piece in owned:
            self._client.delete("EndpointSlice", key_of(piece))
        return None

    def _replace(self, endpoints: Manifest, piece: Manifest, body: dict[str, Any]) -> None:
        annotations = {**_annotations(endpoints)}
        changed = with_metadata({**piece, **body}, labels=_labels(endpoints), annotations=annotations or None)
        same = all((piece.get(part) or None) == (value or None) for part, value in body.items())
        if not same or labels_of(piece) != labels_of(changed) or annotations_of(piece) != annotations:
            self._client.update(changed)


def _to_mirror(endpoints: Manifest) -> bool:
    labels = labels_of(endpoints)
    if labels.get(SKIP) == "true" or labels.get(ENDPOINTS_MANAGED_BY) == ENDPOINTS_CONTROLLER:
        return False
    return LEADER not in annotations_of(endpoints)


def _labels(endpoints: Manifest) -> dict[str, str]:
    kept = {key: value for key, value in labels_of(endpoints).items() if key != HEADLESS}
    return {**kept, SERVICE_NAME: endpoints["metadata"]["name"], MANAGED_BY: NAME}


def _annotations(endpoints: Manifest) -> dict[str, str]:
    return {key: value for key, value in annotations_of(endpoints).items() if key not in _UNCOPIED}


def _body(subset: Manifest) -> dict[str, Any]:
    listed = [(address, True) for address in subset.get("addresses") or ()]
    listed += [(address, False) for address in subset.get("notReadyAddresses") or ()]
    listed.sort(key=lambda each: each[0]["ip"])
    return slice_parts([_endpoint(*each) for each in listed], ports_of(subset))


def _address_type(body: dict[str, Any]) -> str:
    return "IPv6" if any(":" in each["addresses"][0] for each in body["endpoints"] or ()) else "IPv4"


def _endpoint(address: Manifest, ready: bool) -> Manifest:
    endpoint: Manifest = {"addresses": [address["ip"]], "conditions": {"ready": ready}}
    for field in ("hostname", "nodeName", "targetRef"):
        if address.get(field):
            endpoint[field] = address[field]
    return endpoint
