"""EndpointSlices as objects: who keeps them, for which Service, and what a new one looks like."""

from __future__ import annotations

from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.control.network.pods import Port
from aiops.lab.control.workloads.owning import owner_reference

SERVICE_NAME = "kubernetes.io/service-name"
MANAGED_BY = "endpointslice.kubernetes.io/managed-by"


def new_slice(
    owner: Manifest,
    parts: dict[str, Any],
    *,
    labels: dict[str, str],
    annotations: dict[str, str],
    address_type: str = "IPv4",
) -> Manifest:
    """A slice of what belongs to a Service or to Endpoints of its name; `parts` are its endpoints and ports."""
    metadata = owner["metadata"]
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "generateName": f"{metadata['name']}-",
            "namespace": metadata["namespace"],
            "labels": labels,
            "ownerReferences": [owner_reference(owner)],
            **({"annotations": annotations} if annotations else {}),
        },
        "addressType": address_type,
        **parts,
    }


def slice_parts(endpoints: list[Manifest], ports: tuple[Port, ...]) -> dict[str, Any]:
    """Its endpoints and ports; nothing in the place of none."""
    listed = [
        {"name": name, "port": number, "protocol": kind, **({"appProtocol": app} if app else {})}
        for name, number, kind, app in ports
    ]
    return {"endpoints": endpoints or None, "ports": listed or None}


def ports_of(item: Manifest) -> tuple[Port, ...]:
    """The ports of a slice, or of a subset of Endpoints."""
    return tuple(
        (port.get("name") or "", port.get("port", 0), port.get("protocol", "TCP"), port.get("appProtocol") or "")
        for port in item.get("ports") or ()
    )
