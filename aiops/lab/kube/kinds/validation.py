"""What the API server refuses, in its own words. Only the common kinds are looked into."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from ipaddress import IPv4Network
from typing import Any

from aiops.core.entity import Manifest
from aiops.core.errors import InvalidInputError
from aiops.core.quantity import parse_quantity
from aiops.lab.kube.errors import Cause
from aiops.lab.kube.kinds.resources import Resource
from aiops.lab.kube.names import name_problem
from aiops.lab.kube.selectors import matches_selector

SMALLEST_NETWORK = 8
PORTS = range(1, 65536)
_POD_MUTABLE = ("activeDeadlineSeconds", "terminationGracePeriodSeconds", "tolerations")


def required(field: str, what: str = "") -> Cause:
    return Cause("FieldValueRequired", f"Required value{': ' + what if what else ''}", field)


def invalid_value(field: str, value: Any, why: str) -> Cause:
    shown = f'"{value}"' if isinstance(value, str) else str(value)
    return Cause("FieldValueInvalid", f"Invalid value: {shown}: {why}", field)


def problems(resource: Resource, manifest: Manifest) -> list[Cause]:
    """Every wrong field of an object as sent, before its defaults are set."""
    found = list(_metadata(resource, manifest["metadata"]))
    check = _CHECKS.get(resource.kind)
    return found + (list(check(manifest)) if check else [])


def update_problems(resource: Resource, new: Manifest, old: Manifest) -> list[Cause]:
    """Every change of a field that can't change."""
    kind = resource.kind
    found = []
    selector = new.get("spec", {}).get("selector")
    if resource.group == "apps" and selector != (old.get("spec") or {}).get("selector"):
        found.append(invalid_value("spec.selector", selector, "field is immutable"))
    if kind in ("RoleBinding", "ClusterRoleBinding") and new.get("roleRef") != old.get("roleRef"):
        found.append(invalid_value("roleRef", new.get("roleRef"), "cannot change roleRef"))
    if kind == "Service" and _has_ip(old) and new["spec"].get("clusterIP") != old["spec"]["clusterIP"]:
        found.append(invalid_value("spec.clusterIPs[0]", new["spec"].get("clusterIP"), "field is immutable"))
    if kind == "Pod" and _fixed(new, old) != _fixed(old, old):
        why = "pod updates may not change fields other than `spec.containers[*].image`,`spec.tolerations`"
        found.append(Cause("FieldValueForbidden", f"Forbidden: {why}", "spec"))
    if kind in ("ConfigMap", "Secret") and old.get("immutable") and _content(new) != _content(old):
        found.append(Cause("FieldValueForbidden", "Forbidden: field is immutable when `immutable` is set", "data"))
    return found


def _has_ip(service: Manifest) -> bool:
    return bool(service["spec"].get("clusterIP")) and service["spec"]["type"] != "ExternalName"


def _fixed(pod: Manifest, old: Manifest) -> dict[str, Any]:
    """The parts of a pod's spec that stay as they are; the node may be set once."""
    spec = pod["spec"]
    mutable = _POD_MUTABLE if old["spec"].get("nodeName") else (*_POD_MUTABLE, "nodeName")
    fixed = {key: value for key, value in spec.items() if key not in mutable}
    for field in ("containers", "initContainers"):
        fixed[field] = [{k: v for k, v in c.items() if k != "image"} for c in spec.get(field) or ()]
    return fixed


def _content(manifest: Manifest) -> tuple[Any, Any, Any]:
    return manifest.get("data"), manifest.get("binaryData"), manifest.get("immutable")


def _metadata(resource: Resource, metadata: dict[str, Any]) -> Iterator[Cause]:
    name = metadata.get("name")
    if not name:
        yield required("metadata.name", "name or generateName is required")
    elif not isinstance(name, str):
        yield invalid_value("metadata.name", name, "must be a string")
    elif why := name_problem(resource.kind, name):
        yield invalid_value("metadata.name", name, why)
    for field in ("labels", "annotations"):
        for key, value in (metadata.get(field) or {}).items():
            if not isinstance(value, str):
                yield invalid_value(f"metadata.{field}", f"{key}={value}", "must be a string")


def pod_spec(spec: Any, path: str) -> Iterator[Cause]:
    """The rules for a pod's spec, in a Pod or in a template."""
    if not isinstance(spec, dict) or not spec.get("containers"):
        yield required(f"{path}.containers")
        return
    volumes = {volume.get("name") for volume in spec.get("volumes") or ()}
    seen: set[str] = set()
    for field in ("initContainers", "containers"):
        for index, container in enumerate(spec.get(field) or ()):
            where = f"{path}.{field}[{index}]"
            yield from _container(container, where, volumes)
            name = container.get("name", "")
            if name in seen:
                yield Cause("FieldValueDuplicate", f'Duplicate value: "{name}"', f"{where}.name")
            seen.add(name)


def _container(container: dict[str, Any], path: str, volumes: set[Any]) -> Iterator[Cause]:
    if not container.get("name"):
        yield required(f"{path}.name")
    if not container.get("image"):
        yield required(f"{path}.image")
    for index, port in enumerate(container.get("ports") or ()):
        if port.get("containerPort") not in PORTS:
            field = f"{path}.ports[{index}].containerPort"
            yield invalid_value(field, port.get("containerPort"), "must be between 1 and 65535, inclusive")
    for index, mount in enumerate(container.get("volumeMounts") or ()):
        if mount.get("name") not in volumes:
            field = f"{path}.volumeMounts[{index}].name"
            yield Cause("FieldValueNotFound", f'Not found: "{mount.get("name")}"', field)
    for index, entry in enumerate(container.get("env") or ()):
        if not entry.get("name"):
            yield required(f"{path}.env[{index}].name")
    yield from _resources(container.get("resources") or {}, f"{path}.resources")


def _resources(resources: dict[str, Any], path: str) -> Iterator[Cause]:
    amounts: dict[tuple[str, str], float] = {}
    for field in ("limits", "requests"):
        for name, text in (resources.get(field) or {}).items():
            try:
                amounts[field, name] = parse_quantity(text)
            except InvalidInputError:
                yield invalid_value(f"{path}.{field}[{name}]", text, "quantities must match the regular expression")
    for (field, name), amount in amounts.items():
        limit = amounts.get(("limits", name))
        if field == "requests" and limit is not None and amount > limit:
            text = resources["requests"][name]
            why = f"must be less than or equal to {name} limit of {resources['limits'][name]}"
            yield invalid_value(f"{path}.requests", text, why)


def _pod(manifest: Manifest) -> Iterator[Cause]:
    yield from pod_spec(manifest.get("spec"), "spec")


def _workload(manifest: Manifest) -> Iterator[Cause]:
    spec = manifest.get("spec")
    if not isinstance(spec, dict):
        yield required("spec")
        return
    replicas = spec.get("replicas", 1)
    if not isinstance(replicas, int) or replicas < 0:
        yield invalid_value("spec.replicas", replicas, "must be greater than or equal to 0")
    template = spec.get("template") or {}
    labels = (template.get("metadata") or {}).get("labels") or {}
    selector = spec.get("selector")
    if not selector:
        yield required("spec.selector")
    elif not matches_selector(selector, labels):
        why = "`selector` does not match template `labels`"
        yield invalid_value("spec.template.metadata.labels", labels, why)
    yield from pod_spec(template.get("spec"), "spec.template.spec")
    yield from _strategy(spec.get("strategy") or {})


def _strategy(strategy: dict[str, Any]) -> Iterator[Cause]:
    kind = strategy.get("type", "RollingUpdate")
    if kind not in ("RollingUpdate", "Recreate"):
        why = f'Unsupported value: "{kind}": supported values: "Recreate", "RollingUpdate"'
        yield Cause("FieldValueNotSupported", why, "spec.strategy.type")
    if kind == "Recreate" and strategy.get("rollingUpdate"):
        why = "Forbidden: may not be specified when strategy `type` is 'Recreate'"
        yield Cause("FieldValueForbidden", why, "spec.strategy.rollingUpdate")
    rolling = strategy.get("rollingUpdate") or {}
    if {str(rolling.get("maxSurge", 1)), str(rolling.get("maxUnavailable", 1))} <= {"0", "0%"}:
        why = "may not be 0 when `maxSurge` is 0"
        yield invalid_value("spec.strategy.rollingUpdate.maxUnavailable", rolling["maxUnavailable"], why)


def _service(manifest: Manifest) -> Iterator[Cause]:
    spec = manifest.get("spec")
    if not isinstance(spec, dict):
        yield required("spec")
        return
    ports = spec.get("ports") or []
    if not ports and spec.get("type") != "ExternalName" and spec.get("clusterIP") != "None":
        yield required("spec.ports")
    for index, port in enumerate(ports):
        path = f"spec.ports[{index}]"
        if len(ports) > 1 and not port.get("name"):
            yield required(f"{path}.name")
        if port.get("port") not in PORTS:
            yield invalid_value(f"{path}.port", port.get("port"), "must be between 1 and 65535, inclusive")
        target = port.get("targetPort", port.get("port"))
        if isinstance(target, int) and target not in PORTS:
            yield invalid_value(f"{path}.targetPort", target, "must be between 1 and 65535, inclusive")


def _network_policy(manifest: Manifest) -> Iterator[Cause]:
    if not isinstance((manifest.get("spec") or {}).get("podSelector"), dict):
        yield required("spec.podSelector")


def _node(manifest: Manifest) -> Iterator[Cause]:
    network = (manifest.get("spec") or {}).get("podCIDR")
    try:
        usable = network is None or IPv4Network(network).num_addresses >= SMALLEST_NETWORK
    except ValueError:
        usable = False
    if not usable:
        yield invalid_value("spec.podCIDR", network, "must be an IPv4 network of at least 8 addresses")


def _data(manifest: Manifest) -> Iterator[Cause]:
    for key, value in (manifest.get("data") or {}).items():
        if not isinstance(value, str):
            yield invalid_value(f"data[{key}]", value, "must be a string")


def _binding(manifest: Manifest) -> Iterator[Cause]:
    if not (manifest.get("roleRef") or {}).get("name"):
        yield required("roleRef.name")


_CHECKS: dict[str, Callable[[Manifest], Iterator[Cause]]] = {
    "Pod": _pod,
    "Deployment": _workload,
    "ReplicaSet": _workload,
    "StatefulSet": _workload,
    "DaemonSet": _workload,
    "Service": _service,
    "Node": _node,
    "NetworkPolicy": _network_policy,
    "ConfigMap": _data,
    "Secret": _data,
    "RoleBinding": _binding,
    "ClusterRoleBinding": _binding,
}

CHECKED = frozenset(_CHECKS)
"""Kinds whose missing fields are found here, all at once."""
