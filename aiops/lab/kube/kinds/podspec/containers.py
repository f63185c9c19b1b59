"""Containers of a pod: regular, init and ephemeral ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from aiops.lab.kube.errors import Cause
from aiops.lab.kube.kinds.checks.causes import duplicate, forbidden, invalid_value, not_found, not_supported, required
from aiops.lab.kube.kinds.checks.formats import dns_label, env_name, port_name
from aiops.lab.kube.kinds.checks.numbers import port
from aiops.lab.kube.kinds.podspec.mounts import volume_devices, volume_mounts
from aiops.lab.kube.kinds.podspec.probes import PROBES, lifecycle, probes
from aiops.lab.kube.kinds.podspec.references import environment, environment_from
from aiops.lab.kube.kinds.podspec.resources import resource_requirements
from aiops.lab.kube.kinds.podspec.security import container_security

Container = dict[str, Any]

_PROTOCOLS = ("SCTP", "TCP", "UDP")
_PULL_POLICIES = ("Always", "IfNotPresent", "Never")
_MESSAGES = ("File", "FallbackToLogsOnError")
_RESTARTS = ("Always", "Never", "OnFailure")
_NOT_EPHEMERAL = ("ports", "resources", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle",
                  "resizePolicy", "restartPolicy")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What of the pod its containers depend on."""

    volumes: dict[str, Any]
    grace: int | None
    system: str
    restart_policy: str
    pod: bool


def containers(items: list[Container], path: str, around: Surroundings) -> Iterator[Cause]:
    """The regular ones."""
    if not items:
        yield required(path)
    names: set[str] = set()
    for index, item in enumerate(items):
        where = f"{path}[{index}]"
        yield from _common(item, where, around)
        yield from _unique(item, names, where)
        yield from _hooks(item, where, around)
        if item.get("restartPolicy") not in (None, *_RESTARTS):
            yield not_supported(f"{where}.restartPolicy", item["restartPolicy"], _RESTARTS)
    yield from _host_ports(items, path)


def init_containers(
    items: list[Container], regular: list[Container], path: str, around: Surroundings
) -> Iterator[Cause]:
    """Those that run before; with `restartPolicy: Always` they are sidecars and may be probed."""
    names = {item.get("name", "") for item in regular}
    for index, item in enumerate(items):
        where = f"{path}[{index}]"
        yield from _common(item, where, around)
        policy = item.get("restartPolicy")
        if policy not in (None, *_RESTARTS):
            yield not_supported(f"{where}.restartPolicy", policy, _RESTARTS)
        yield from _unique(item, names, where)
        yield from _host_ports([item], path)
        if policy == "Always":
            yield from _hooks(item, where, around)
            continue
        for field in ("lifecycle", *PROBES):
            if field in item:
                yield forbidden(f"{where}.{field}", "may not be set for init containers without restartPolicy=Always")


def ephemeral_containers(
    items: list[Container], others: list[Container], path: str, around: Surroundings
) -> Iterator[Cause]:
    """Those that are added to look into a running pod."""
    targets = {item.get("name", "") for item in others}
    names = set(targets)
    for index, item in enumerate(items):
        where = f"{path}[{index}]"
        yield from _common(item, where, around)
        yield from _unique(item, names, where)
        target = item.get("targetContainerName")
        if target and target not in targets:
            yield not_found(f"{where}.targetContainerName", target)
        for field in _NOT_EPHEMERAL:
            if item.get(field):
                yield forbidden(f"{where}.{field}", "cannot be set for an Ephemeral Container")
        for number, mount in enumerate(item.get("volumeMounts") or ()):
            for field in ("subPath", "subPathExpr"):
                if mount.get(field):
                    at = f"{where}.volumeMounts[{number}].{field}"
                    yield forbidden(at, "cannot be set for an Ephemeral Container")


def _unique(item: Container, names: set[str], path: str) -> Iterator[Cause]:
    name = item.get("name", "")
    if name in names:
        yield duplicate(f"{path}.name", name)
    names.add(name)


def _hooks(item: Container, path: str, around: Surroundings) -> Iterator[Cause]:
    if "lifecycle" in item:
        yield from lifecycle(item["lifecycle"], around.grace, f"{path}.lifecycle", around.system)
    yield from probes(item, around.grace, path)


def _common(item: Container, path: str, around: Surroundings) -> Iterator[Cause]:
    yield from _identity(item, path, around)
    yield from _ports(item.get("ports") or (), f"{path}.ports")
    yield from environment(item.get("env") or [], f"{path}.env", env_name)
    yield from environment_from(item.get("envFrom") or [], f"{path}.envFrom", env_name)
    yield from volume_mounts(item, around.volumes, f"{path}.volumeMounts")
    yield from volume_devices(item, around.volumes, f"{path}.volumeDevices")
    if item.get("imagePullPolicy") not in _PULL_POLICIES:
        yield not_supported(f"{path}.imagePullPolicy", item.get("imagePullPolicy"), _PULL_POLICIES)
    yield from resource_requirements(item.get("resources") or {}, f"{path}.resources")
    yield from _resize(item.get("resizePolicy") or (), f"{path}.resizePolicy", around.restart_policy)
    if "securityContext" in item:
        yield from container_security(item["securityContext"], f"{path}.securityContext")


def _identity(item: Container, path: str, around: Surroundings) -> Iterator[Cause]:
    name, image = item.get("name", ""), item.get("image", "")
    if not name:
        yield required(f"{path}.name")
    else:
        for why in dns_label(name):
            yield invalid_value(f"{path}.name", name, why)
    if not image:
        yield required(f"{path}.image")
    elif around.pod and image != image.strip():
        yield invalid_value(f"{path}.image", image, "must not have leading or trailing whitespace")
    if item.get("terminationMessagePolicy") not in _MESSAGES:
        yield not_supported(f"{path}.terminationMessagePolicy", item.get("terminationMessagePolicy"), _MESSAGES)


def _ports(ports: Any, path: str) -> Iterator[Cause]:
    names: set[str] = set()
    for index, item in enumerate(ports):
        where, name = f"{path}[{index}]", item.get("name", "")
        wrong = port_name(name) if name else []
        for why in wrong:
            yield invalid_value(f"{where}.name", name, why)
        if name and not wrong:
            if name in names:
                yield duplicate(f"{where}.name", name)
            names.add(name)
        if not item.get("containerPort"):
            yield required(f"{where}.containerPort")
        else:
            yield from port(item["containerPort"], f"{where}.containerPort")
        if item.get("hostPort"):
            yield from port(item["hostPort"], f"{where}.hostPort")
        if item.get("protocol") not in _PROTOCOLS:
            yield not_supported(f"{where}.protocol", item.get("protocol", ""), _PROTOCOLS)


def _host_ports(items: list[Container], path: str) -> Iterator[Cause]:
    taken: set[str] = set()
    for index, item in enumerate(items):
        for number, entry in enumerate(item.get("ports") or ()):
            if entry.get("hostPort"):
                shown = f"{entry.get('protocol', '')}/{entry.get('hostIP', '')}/{entry['hostPort']}"
                if shown in taken:
                    yield duplicate(f"{path}[{index}].ports[{number}].hostPort", shown)
                taken.add(shown)


def _resize(policies: Any, path: str, restart: str) -> Iterator[Cause]:
    seen: set[str] = set()
    for index, policy in enumerate(policies):
        name, action = policy.get("resourceName", ""), policy.get("restartPolicy", "")
        if name in seen:
            yield duplicate(f"{path}[{index}]", name)
        seen.add(name)
        if not name:
            yield required(path)
        elif name not in ("cpu", "memory"):
            yield not_supported(path, name, ("cpu", "memory"))
        if not action:
            yield required(path)
        elif action not in ("NotRequired", "RestartContainer"):
            yield not_supported(path, action, ("NotRequired", "RestartContainer"))
        if restart == "Never" and action != "NotRequired":
            yield invalid_value(path, action, "must be 'NotRequired' when pod `restartPolicy` is 'Never'")
