"""What is accepted of a pod's spec, and warned of (`GetWarningsForPod`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aiops.lab.kube.kinds.checks.numbers import amount

Spec = dict[str, Any]

_BYTES = ("memory", "ephemeral-storage")


def pod_warnings(spec: Spec, path: str) -> Iterator[str]:
    """The texts; `path` is that of the object that holds the spec (`spec.template`), empty for a Pod."""
    start = f"{path}.spec" if path else "spec"
    for index, item in enumerate(spec.get("topologySpreadConstraints") or ()):
        if item.get("labelSelector") is None:
            where = f"{start}.topologySpreadConstraints[{index}].labelSelector"
            yield f"{where}: a null labelSelector results in matching no pod"
    yield from _repeated(spec.get("hostAliases") or [], "ip", f"{start}.hostAliases")
    yield from _repeated(spec.get("imagePullSecrets") or [], "name", f"{start}.imagePullSecrets")
    for index, item in enumerate(spec.get("imagePullSecrets") or ()):
        if not item.get("name"):
            yield f'{start}.imagePullSecrets[{index}].name: invalid empty name ""'
    for field in ("initContainers", "containers"):
        for index, container in enumerate(spec.get(field) or ()):
            yield from _container(container, f"{start}.{field}[{index}]")
    yield from _ports(spec, start)
    if spec.get("terminationGracePeriodSeconds", 0) < 0:
        why = "must be >= 0; negative values are invalid and will be treated as 1"
        yield f"{start}.terminationGracePeriodSeconds: {why}"


def _repeated(items: list[Spec], field: str, path: str) -> Iterator[str]:
    seen: set[Any] = set()
    for index, item in enumerate(items):
        value = item.get(field, "")
        if value in seen:
            yield f'{path}[{index}].{field}: duplicate {field} "{value}"'
        seen.add(value)


def _container(container: Spec, path: str) -> Iterator[str]:
    resources = container.get("resources") or {}
    for name in _BYTES:
        for field in ("limits", "requests"):
            value = (resources.get(field) or {}).get(name)
            if value is not None and amount(value) % 1:
                where = f"{path}.resources.{field}[{name}]"
                yield f'{where}: fractional byte value "{value}" is invalid, must be an integer'
    seen: set[str] = set()
    for index, entry in enumerate(container.get("env") or ()):
        name, value = entry.get("name", ""), entry.get("value", "")
        reference = f"$({name})"
        if name in seen and ("valueFrom" in entry or value == reference or reference not in value):
            yield (f'{path}.env[{index}]: hides previous definition of "{name}", which may be dropped when using apply')
        seen.add(name)


def _ports(spec: Spec, start: str) -> Iterator[str]:
    """Ports that two containers, or one twice, say that they use."""
    known: dict[tuple[Any, Any], list[tuple[Spec, str]]] = {}
    for index, container in enumerate(spec.get("containers") or ()):
        for number, port in enumerate(container.get("ports") or ()):
            where = f"{start}.containers[{index}].ports[{number}]"
            others = known.setdefault((port.get("containerPort"), port.get("protocol")), [])
            for other, field in others:
                yield from _overlap(port, other, where, field)
            others.append((port, where))


def _overlap(port: Spec, other: Spec, where: str, field: str) -> Iterator[str]:
    ip, there = port.get("hostIP", ""), other.get("hostIP", "")
    number, taken = port.get("hostPort", 0), other.get("hostPort", 0)
    if (ip, number) == (there, taken):
        yield f"{where}: duplicate port definition with {field}"
    elif not number or not taken:
        yield f"{where}: overlapping port definition with {field}"
    elif number == taken and bool(ip) != bool(there):
        yield f"{where}: dangerously ambiguous port definition with {field}"
