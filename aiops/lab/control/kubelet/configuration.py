"""What a container gets from ConfigMaps, Secrets and its own pod: environment and files."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator
from typing import Any, Protocol

from aiops.core.entity import Manifest
from aiops.core.errors import AiopsError
from aiops.core.fields import read
from aiops.core.quantity import parse_quantity

_REFERENCE = re.compile(r"\$(\$|\(([^()]+)\))")
_SUBSCRIPT = re.compile(r"metadata\.(labels|annotations)\['([^']+)'\]")


class ConfigError(AiopsError):
    """A container cannot be created as its configuration names something that is not there."""


class MountError(AiopsError):
    """A volume cannot be set up."""

    def __init__(self, volume: str, message: str) -> None:
        super().__init__(f'MountVolume.SetUp failed for volume "{volume}" : {message}')


class Reader(Protocol):
    """The reads that resolving a configuration needs."""

    def find(self, kind: str, namespace: str, name: str) -> Manifest | None: ...


def environment(reader: Reader, pod: Manifest, container: Manifest) -> dict[str, str]:
    """The variables of a container, with `$(NAME)` filled in. Raises `ConfigError`."""
    env: dict[str, str] = {}
    for source in container.get("envFrom") or ():
        prefix = source.get("prefix") or ""
        for kind, field in (("ConfigMap", "configMapRef"), ("Secret", "secretRef")):
            if source.get(field):
                values = _values(reader, pod, kind, source[field])
                env |= {prefix + key: value for key, value in values.items()}
    for entry in container.get("env") or ():
        if "valueFrom" in entry:
            value = _value_from(reader, pod, container, entry["valueFrom"])
            if value is not None:
                env[entry["name"]] = value
        else:
            env[entry["name"]] = expand(str(entry.get("value") or ""), env)
    return env


def expand(text: str, env: dict[str, str]) -> str:
    """Fill in `$(NAME)`; `$$` is a dollar sign, an unknown name stays as it is."""

    def replaced(match: re.Match[str]) -> str:
        return "$" if match[1] == "$" else env.get(match[2], match[0])

    return _REFERENCE.sub(replaced, text)


def _values(reader: Reader, pod: Manifest, kind: str, reference: dict[str, Any]) -> dict[str, str]:
    """All keys of a ConfigMap or Secret; none where it is optional and missing."""
    found = reader.find(kind, pod["metadata"]["namespace"], reference["name"])
    if found is None:
        if reference.get("optional"):
            return {}
        raise ConfigError(f'{kind.lower()} "{reference["name"]}" not found')
    return _decoded(found)


def _decoded(found: Manifest) -> dict[str, str]:
    data = found.get("data") or {}
    if found["kind"] == "ConfigMap":
        return dict(data)
    return {key: b64decode(value).decode(errors="replace") for key, value in data.items()}


def _value_from(reader: Reader, pod: Manifest, container: Manifest, source: dict[str, Any]) -> str | None:
    for kind, field in (("ConfigMap", "configMapKeyRef"), ("Secret", "secretKeyRef")):
        if reference := source.get(field):
            values = _values(reader, pod, kind, reference)
            if reference["key"] in values:
                return values[reference["key"]]
            if reference.get("optional"):
                return None
            where = f"{pod['metadata']['namespace']}/{reference['name']}"
            raise ConfigError(f"couldn't find key {reference['key']} in {kind} {where}")
    if "fieldRef" in source:
        return pod_field(pod, source["fieldRef"]["fieldPath"])
    if "resourceFieldRef" in source:
        return _resource_field(container, source["resourceFieldRef"])
    raise ConfigError("invalid environment variable: no known source")


def pod_field(pod: Manifest, path: str) -> str:
    """A field of the pod, as the downward API gives it. Raises `ConfigError`."""
    if match := _SUBSCRIPT.fullmatch(path):
        return str((pod["metadata"].get(match[1]) or {}).get(match[2], ""))
    if path not in _FIELDS:
        raise ConfigError(f"invalid field path: {path!r}")
    return str(read(pod, path) or "")


_FIELDS = (
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.podIP",
)


def _resource_field(container: Manifest, reference: dict[str, Any]) -> str:
    """A request or limit, in units of its divisor, rounded up."""
    field, _, name = str(reference["resource"]).partition(".")
    text = (((container.get("resources") or {}).get(field)) or {}).get(name, 0)
    divisor = parse_quantity(reference.get("divisor") or 1) or 1.0
    return str(int(-(-parse_quantity(text) // divisor)))


def files(reader: Reader, pod: Manifest, container: Manifest) -> dict[str, str]:
    """The files that ConfigMap, Secret and projected volumes put into a container. Raises `MountError`."""
    volumes = {volume["name"]: volume for volume in pod["spec"].get("volumes") or ()}
    found: dict[str, str] = {}
    for mount in container.get("volumeMounts") or ():
        content = dict(_volume(reader, pod, volumes[mount["name"]]))
        path, sub = mount["mountPath"].rstrip("/"), mount.get("subPath")
        if sub:
            found |= {path: content[sub]} if sub in content else {}
        else:
            found |= {f"{path}/{name}": text for name, text in content.items()}
    return found


def _volume(reader: Reader, pod: Manifest, volume: Manifest) -> Iterator[tuple[str, str]]:
    sources = (volume.get("projected") or {}).get("sources") or [volume]
    for source in sources:
        for kind, field, name_field in (("ConfigMap", "configMap", "name"), ("Secret", "secret", "secretName")):
            if reference := source.get(field):
                name = reference.get(name_field) or reference.get("name", "")
                yield from _projected(reader, pod, volume["name"], kind, name, reference)


def _projected(
    reader: Reader, pod: Manifest, volume: str, kind: str, name: str, reference: dict[str, Any]
) -> Iterator[tuple[str, str]]:
    found = reader.find(kind, pod["metadata"]["namespace"], name)
    if found is None:
        if reference.get("optional"):
            return
        raise MountError(volume, f'{kind.lower()} "{name}" not found')
    content = _decoded(found)
    for item in reference.get("items") or [{"key": key, "path": key} for key in content]:
        if item["key"] in content:
            yield item["path"], content[item["key"]]
        elif not reference.get("optional"):
            raise MountError(volume, f"references non-existent config key: {item['key']}")
