"""Why a container's server cannot start, and whether a container is meant to end."""

from __future__ import annotations

from aiops.core.entity import Manifest
from aiops.lab.apps.images import ARCHITECTURE, Image
from aiops.lab.ports import ContainerStart
from aiops.lab.traffic.processes.process import Process, configuration_problem
from aiops.lab.traffic.processes.volumes import memory_volume
from aiops.lab.traffic.runtime.courses import open_files, unknown_flag

START_CODES = {"format": 255, "flag": 2}
"""How a process ends that cannot be started, where it is not with 1."""

_OWN_FILES = 16
"""Files that any server has open before it takes a connection."""


def start_problem(process: Process, image: Image, architecture: str, node: Manifest | None) -> tuple[str, str] | None:
    """(kind, what it is about) of the first thing for which a server cannot start: `format`, `flag`, `files` (it may
    open too few), `full` (no room for the files with which a store begins), `missing` or `invalid`. `architecture` is
    that of the processors for which the image is built."""
    container = process.container
    if architecture != ((node or {}).get("status") or {}).get("nodeInfo", {}).get("architecture", ARCHITECTURE):
        return "format", container.command[0] if container.command else "/app/server"
    if not image.take_flags and (flag := unknown_flag(container)):
        return "flag", flag
    if 0 < open_files(container) < _OWN_FILES:
        return "files", ""
    if process.program.disk is not None and 0 < memory_volume(process) < process.program.disk.base_bytes:
        return "full", ""
    return configuration_problem(process.program, container.env)


def meant_to_end(container: ContainerStart) -> bool:
    """Whether a container is one that comes to its end when all is well: of a pod that does, or an init container."""
    spec = container.pod["spec"]
    first = any(
        each["name"] == container.name and each.get("restartPolicy") != "Always"
        for each in spec.get("initContainers") or ()
    )
    return first or spec.get("restartPolicy", "Always") != "Always"
