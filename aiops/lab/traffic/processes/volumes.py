"""Where a process keeps its data: in a claim, in a volume of its pod, or in its own layer."""

from __future__ import annotations

from collections.abc import Iterable

from aiops.core.entity import Manifest
from aiops.core.quantity import parse_quantity
from aiops.lab.traffic.processes.process import Process


def memory_volume(process: Process) -> float:
    """The size of the volume in memory that a process' data lies on; 0 where it lies elsewhere. The kubelet makes it no
    larger than that, so that writes beyond it find no space."""
    directory = (volume_of(process) or {}).get("emptyDir") or {}
    if directory.get("medium") != "Memory":
        return 0.0
    return parse_quantity(directory.get("sizeLimit") or "0")


def claim_of(process: Process) -> str:
    """The claim that a process' data lies on; empty where it lies on its node."""
    return str(((volume_of(process) or {}).get("persistentVolumeClaim") or {}).get("claimName", ""))


def volume_of(process: Process) -> Manifest | None:
    """The pod's volume at the place where a process keeps its data."""
    spec, disk = process.container.pod["spec"], process.program.disk
    path = disk.path.rstrip("/") if disk else ""
    own: Manifest = next((c for c in spec["containers"] if c["name"] == process.container.name), {})
    mounts: Iterable[Manifest] = own.get("volumeMounts") or ()
    name = next((mount["name"] for mount in mounts if mount["mountPath"].rstrip("/") == path), "")
    return next((volume for volume in spec.get("volumes") or () if volume["name"] == name), None)
