"""The status of one container, as the kubelet reports it."""

from __future__ import annotations

from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.control.kubelet.sequence import is_sidecar
from aiops.lab.control.kubelet.worker import CREATING, INITIALIZING, ContainerState, waiting


def container_status(container: ContainerState, spec: Manifest, *, init: bool, initialising: bool) -> dict[str, Any]:
    """`init`: the container is an init container. `initialising`: its pod has some, so that none of its containers is
    said to be created before it is its turn."""
    state = container.state
    if initialising and not container.id and (state.get("waiting") or {}).get("reason") == CREATING:
        state = waiting(INITIALIZING)
    entry: dict[str, Any] = {
        "name": container.name,
        "state": state,
        "lastState": container.last_state,
        "ready": _ready(container, spec, init=init),
        "restartCount": container.restarts,
        "image": container.image or spec["image"],
        "imageID": image_id(container.image) if container.image else "",
        "started": container.started,
    }
    if container.id:
        entry["containerID"] = f"containerd://{container.id}"
        entry |= _resources(spec)
    if mounts := spec.get("volumeMounts"):
        entry["volumeMounts"] = [_mount(mount) for mount in mounts]
    return entry


def _ready(container: ContainerState, spec: Manifest, *, init: bool) -> bool:
    """An init container is ready once it has done its work."""
    if init and not is_sidecar(spec):
        return container.ended and container.exit_code == 0
    return container.ready


def _resources(spec: Manifest) -> dict[str, Any]:
    """What the container was given, which is what it asks for."""
    resources = spec.get("resources") or {}
    found: dict[str, Any] = {"resources": {k: resources[k] for k in ("limits", "requests") if resources.get(k)}}
    if resources.get("requests"):
        found["allocatedResources"] = resources["requests"]
    return found


def _mount(mount: dict[str, Any]) -> dict[str, Any]:
    shown = {"name": mount["name"], "mountPath": mount["mountPath"]}
    if not mount.get("readOnly"):
        return shown
    wanted = mount.get("recursiveReadOnly", "Disabled")
    return {**shown, "readOnly": True, "recursiveReadOnly": "Disabled" if wanted == "Disabled" else "Enabled"}


def image_id(image: str) -> str:
    """The same text for the same image, in the form of a digest."""
    return f"{image.partition(':')[0]}@sha256:{image.encode().hex():0<64.64}"
