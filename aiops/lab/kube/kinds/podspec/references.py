"""References of a container's environment and files: fields of the pod, amounts, keys of ConfigMaps and Secrets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from aiops.lab.kube.errors import Cause
from aiops.lab.kube.kinds.checks.causes import invalid_value, not_supported, required
from aiops.lab.kube.kinds.checks.formats import config_key, dns_subdomain, generated, label_key
from aiops.lab.kube.kinds.checks.numbers import amount

Reference = dict[str, Any]

ENV_FIELDS = frozenset(
    ("metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName",
     "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs")
)  # fmt: skip
_RESOURCES = ("limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage",
              "requests.memory")  # fmt: skip
_BYTES = ("1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei")
_SUBSCRIPT = re.compile(r"(.+)\['(.*)'\]")
_KNOWN = ENV_FIELDS | {"metadata.annotations", "metadata.labels"}


def field_selector(reference: Reference, path: str, supported: frozenset[str]) -> Iterator[Cause]:
    """A `fieldRef`."""
    field = reference.get("fieldPath", "")
    if not field:
        yield required(f"{path}.fieldPath")
        return
    match = _SUBSCRIPT.fullmatch(field)
    base = match[1] if match else field
    if reference.get("apiVersion", "v1") != "v1":
        why = f"error converting fieldPath: unsupported pod version: {reference['apiVersion']}"
        yield invalid_value(f"{path}.fieldPath", field, why)
    elif match and base in ("metadata.annotations", "metadata.labels"):
        key = match[2].lower() if base.endswith("annotations") else match[2]
        for why in label_key(key):
            yield invalid_value(path, key, why)
    elif match and base in _KNOWN:
        yield invalid_value(path, base, "does not support subscript")
    elif base not in _KNOWN:
        yield invalid_value(
            f"{path}.fieldPath", field, f"error converting fieldPath: field label not supported: {field}"
        )
    elif base not in supported:
        yield not_supported(f"{path}.fieldPath", base, sorted(supported))


def resource_field_selector(reference: Reference, path: str, *, volume: bool) -> Iterator[Cause]:
    """A `resourceFieldRef`; in a volume it names its container."""
    name = reference.get("resource", "")
    if volume and not reference.get("containerName"):
        yield required(f"{path}.containerName")
    elif not name:
        yield required(f"{path}.resource")
    elif name not in _RESOURCES and not name.startswith(("requests.hugepages-", "limits.hugepages-")):
        yield not_supported(f"{path}.resource", name, _RESOURCES)
    yield from _divisor(name, str(reference.get("divisor", "0")), f"{path}.divisor")


def _divisor(name: str, divisor: str, path: str) -> Iterator[Cause]:
    if not amount(divisor):
        return
    kind = name.partition(".")[2]
    if kind == "cpu" and divisor not in ("1m", "1"):
        yield invalid_value(path, name, "only divisor's values 1m and 1 are supported with the cpu resource")
    what = {"memory": "memory", "ephemeral-storage": "local ephemeral storage"}.get(kind)
    if what and divisor not in _BYTES:
        yield invalid_value(
            path, name, f"only divisor's values {', '.join(_BYTES)} are supported with the {what} resource"
        )


def environment(entries: list[Reference], path: str, name_problems: Any) -> Iterator[Cause]:
    """`env` of a container."""
    for index, entry in enumerate(entries):
        where, name = f"{path}[{index}]", entry.get("name", "")
        if not name:
            yield required(f"{where}.name")
        else:
            for why in name_problems(name):
                yield invalid_value(f"{where}.name", name, why)
        if "valueFrom" in entry:
            yield from _value_from(entry, f"{where}.valueFrom")


def _value_from(entry: Reference, path: str) -> Iterator[Cause]:
    source = entry["valueFrom"]
    if "fieldRef" in source:
        yield from field_selector(source["fieldRef"], f"{path}.fieldRef", ENV_FIELDS)
    if "resourceFieldRef" in source:
        yield from resource_field_selector(source["resourceFieldRef"], f"{path}.resourceFieldRef", volume=False)
    for field in ("configMapKeyRef", "secretKeyRef"):
        if field in source:
            yield from _key_selector(source[field], f"{path}.{field}")
    if not source:
        what = "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"
        yield invalid_value(path, "", what)
    elif entry.get("value"):
        yield invalid_value(path, "", "may not be specified when `value` is not empty")
    elif len(source) > 1:
        yield invalid_value(path, "", "may not have more than one field specified at a time")


def _key_selector(reference: Reference, path: str) -> Iterator[Cause]:
    name, key = reference.get("name", ""), reference.get("key", "")
    for why in dns_subdomain(name):
        yield invalid_value(f"{path}.name", name, why)
    if not key:
        yield required(f"{path}.key")
        return
    for why in config_key(key):
        yield invalid_value(f"{path}.key", key, why)


def environment_from(entries: list[Reference], path: str, name_problems: Any) -> Iterator[Cause]:
    """`envFrom` of a container."""
    for index, entry in enumerate(entries):
        where = f"{path}[{index}]"
        if entry.get("prefix"):
            for why in name_problems(entry["prefix"]):
                yield invalid_value(f"{where}.prefix", entry["prefix"], why)
        sources = [field for field in ("configMapRef", "secretRef") if field in entry]
        for field in sources:
            name = entry[field].get("name", "")
            if not name:
                yield required(f"{where}.{field}.name")
                continue
            for why in generated(dns_subdomain)(name):
                yield invalid_value(f"{where}.{field}.name", name, why)
        if not sources:
            yield invalid_value(path, "", "must specify one of: `configMapRef` or `secretRef`")
        elif len(sources) > 1:
            yield invalid_value(path, "", "may not have more than one field specified at a time")
