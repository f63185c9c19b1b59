"""What a container mounts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aiops.lab.kube.errors import Cause
from aiops.lab.kube.kinds.checks.causes import forbidden, invalid_value, not_found, not_supported, required
from aiops.lab.kube.kinds.podspec.volumes import descending

Container = dict[str, Any]

_PROPAGATIONS = ("Bidirectional", "HostToContainer", "None")


def volume_mounts(container: Container, volumes: dict[str, Any], path: str) -> Iterator[Cause]:
    devices = {item.get("name"): item.get("devicePath") for item in container.get("volumeDevices") or ()}
    taken: set[str] = set()
    for index, mount in enumerate(container.get("volumeMounts") or ()):
        where, name, target = f"{path}[{index}]", mount.get("name", ""), mount.get("mountPath", "")
        if not name:
            yield required(f"{where}.name")
        if name not in volumes:
            yield not_found(f"{where}.name", name)
        if not target:
            yield required(f"{where}.mountPath")
        if target in taken:
            yield invalid_value(f"{where}.mountPath", target, "must be unique")
        taken.add(target)
        if name in devices:
            yield invalid_value(f"{where}.name", name, "must not already exist in volumeDevices")
        if target in devices.values():
            why = "must not already exist as a path in volumeDevices"
            yield invalid_value(f"{where}.mountPath", target, why)
        yield from _sub_paths(mount, where, path)
        if "mountPropagation" in mount:
            yield from _propagation(mount["mountPropagation"], container, f"{path}.mountPropagation")


def _sub_paths(mount: dict[str, Any], where: str, path: str) -> Iterator[Cause]:
    if mount.get("subPath"):
        yield from descending(mount["subPath"], f"{path}.subPath")
    if mount.get("subPathExpr"):
        if mount.get("subPath"):
            why = "subPathExpr and subPath are mutually exclusive"
            yield invalid_value(f"{where}.subPathExpr", mount["subPathExpr"], why)
        yield from descending(mount["subPathExpr"], f"{path}.subPathExpr")


def _propagation(mode: str, container: Container, path: str) -> Iterator[Cause]:
    if mode not in _PROPAGATIONS:
        yield not_supported(path, mode, _PROPAGATIONS)
    if mode == "Bidirectional" and not (container.get("securityContext") or {}).get("privileged"):
        yield forbidden(path, "Bidirectional mount propagation is available only to privileged containers")


def volume_devices(container: Container, volumes: dict[str, Any], path: str) -> Iterator[Cause]:
    mounts = {item.get("name"): item.get("mountPath") for item in container.get("volumeMounts") or ()}
    names: set[str] = set()
    for index, device in enumerate(container.get("volumeDevices") or ()):
        where, name, target = f"{path}[{index}]", device.get("name", ""), device.get("devicePath", "")
        volume = volumes.get(name)
        if not name:
            yield required(f"{where}.name")
        if name in names:
            yield invalid_value(f"{where}.name", name, "must be unique")
        names.add(name)
        if volume is None:
            yield not_found(f"{where}.name", name)
        elif "persistentVolumeClaim" not in volume and "ephemeral" not in volume:
            why = "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode"
            yield invalid_value(f"{where}.name", name, why)
        if not target:
            yield required(f"{where}.devicePath")
        if name in mounts:
            yield invalid_value(f"{where}.name", name, "must not already exist in volumeMounts")
        if target in mounts.values():
            why = "must not already exist as a path in volumeMounts"
            yield invalid_value(f"{where}.devicePath", target, why)
