"""Which container of a pod a request is about, and which of its processes."""

from __future__ import annotations

from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.kube.errors import bad_request

_FIELDS = ("initContainers", "containers", "ephemeralContainers")
_STATUSES = ("containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses")
_NOT_PULLED = {
    "ErrImagePull": "image can't be pulled",
    "ImagePullBackOff": "trying and failing to pull image",
}


def container_name(pod: Manifest, wanted: str) -> str:
    """The container that is asked for, or the only one. Raises 400, as the registry's `validateContainer`."""
    name = pod["metadata"]["name"]
    names = [container["name"] for field in _FIELDS for container in pod["spec"].get(field) or ()]
    if wanted:
        if wanted not in names:
            raise bad_request(f"container {wanted} is not valid for pod {name}")
        return wanted
    if len(pod["spec"]["containers"]) > 1:
        choose = " ".join(names)
        raise bad_request(f"a container name must be specified for pod {name}, choose one of: [{choose}]")
    return str(pod["spec"]["containers"][0]["name"])


def container_status(pod: Manifest, name: str) -> dict[str, Any]:
    """The status of a container; empty where its node has said nothing of it yet."""
    status = pod.get("status") or {}
    entries = [entry for field in _STATUSES for entry in status.get(field) or ()]
    return next((entry for entry in entries if entry["name"] == name), {})


def logged_process(pod: Manifest, name: str, *, previous: bool) -> str:
    """The id of the process whose log is asked for. Raises 400, as the kubelet's `validateContainerLogStatus`."""
    entry = container_status(pod, name)
    where = f'container "{name}" in pod "{pod["metadata"]["name"]}"'
    if not entry:
        raise bad_request(f"{where} is not available")
    state, last = entry.get("state") or {}, (entry.get("lastState") or {}).get("terminated") or {}
    if previous:
        if not last.get("containerID"):
            raise bad_request(f"previous terminated {where} not found")
        return process_id(last["containerID"])
    if "running" in state:
        return process_id(entry["containerID"])
    if "terminated" in state or last:
        ended = state.get("terminated") or {}
        found = ended.get("containerID") or last.get("containerID")
        if not found:
            raise bad_request(f"{where} is terminated")
        return process_id(found)
    reason = (state.get("waiting") or {}).get("reason", "")
    raise bad_request(f"{where} is waiting to start: {_NOT_PULLED.get(reason, reason)}")


def running_process(pod: Manifest, name: str) -> str:
    """The id of the process that runs in a container; empty where none does."""
    entry = container_status(pod, name)
    return process_id(entry["containerID"]) if "running" in (entry.get("state") or {}) else ""


def process_id(text: str) -> str:
    """A container's id without the runtime's name before it."""
    return text.partition("://")[2] or text
