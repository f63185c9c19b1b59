"""The environment of a container, from its own entries, ConfigMaps, Secrets, its pod and the Services around it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from aiops.core.entity import Manifest
from aiops.core.errors import AiopsError
from aiops.lab.control.kubelet.downward import pod_field, resource_field
from aiops.lab.control.kubelet.sources import Reader, values_of

_REFERENCE = re.compile(r"\$(\$|\(([^()]+)\))")


class ConfigError(AiopsError):
    """A container cannot be created as its configuration names something that is not there."""


def environment(
    reader: Reader, pod: Manifest, container: Manifest, links: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The variables of a container, with `$(NAME)` filled in, in the order in which they are declared.

    `links` are the variables of Services, which may be referred to. Raises `ConfigError`."""
    env: dict[str, str] = {}
    for source in container.get("envFrom") or ():
        prefix = source.get("prefix") or ""
        for kind, field in (("ConfigMap", "configMapRef"), ("Secret", "secretRef")):
            if source.get(field):
                env |= {prefix + key: value for key, value in _values(reader, pod, kind, source[field]).items()}
    for entry in container.get("env") or ():
        if entry.get("value"):
            env[entry["name"]] = expand(str(entry["value"]), env, links)
        elif entry.get("valueFrom"):
            value = _value_from(reader, pod, container, entry["valueFrom"])
            if value is not None:
                env[entry["name"]] = value
        else:
            env[entry["name"]] = ""
    return env


def expand(text: str, env: Mapping[str, str], links: Mapping[str, str] | None = None) -> str:
    """Fill in `$(NAME)`; `$$` is a dollar sign, an unknown name stays as it is."""

    def replaced(match: re.Match[str]) -> str:
        if match[1] == "$":
            return "$"
        return env.get(match[2], (links or {}).get(match[2], match[0]))

    return _REFERENCE.sub(replaced, text)


def _values(reader: Reader, pod: Manifest, kind: str, reference: dict[str, Any]) -> dict[str, str]:
    """All keys of a ConfigMap or Secret; none where it is optional and missing."""
    found = values_of(reader, kind, pod["metadata"]["namespace"], reference.get("name", ""))
    if found is not None:
        return found
    if reference.get("optional"):
        return {}
    raise ConfigError(f'{kind.lower()} "{reference.get("name", "")}" not found')


def _value_from(reader: Reader, pod: Manifest, container: Manifest, source: dict[str, Any]) -> str | None:
    for kind, field in (("ConfigMap", "configMapKeyRef"), ("Secret", "secretKeyRef")):
        if reference := source.get(field):
            values = _values(reader, pod, kind, reference)
            if reference["key"] in values:
                return values[reference["key"]]
            if reference.get("optional"):
                return None
            where = f"{pod['metadata']['namespace']}/{reference.get('name', '')}"
            raise ConfigError(f"couldn't find key {reference['key']} in {kind} {where}")
    try:
        if "fieldRef" in source:
            return pod_field(pod, source["fieldRef"]["fieldPath"])
        if "resourceFieldRef" in source:
            return resource_field(pod, container, source["resourceFieldRef"])
    except LookupError as error:
        raise ConfigError(str(error.args[0])) from error
    raise ConfigError("invalid environment variable: no known source")


def service_links(services: Iterable[Manifest]) -> dict[str, str]:
    """The variables of Services that have an address, as the kubelet's `envvars.FromServices` names them."""
    found: dict[str, str] = {}
    for service in services:
        address, ports = service["spec"].get("clusterIP"), service["spec"].get("ports") or ()
        if not address or address == "None" or not ports:
            continue
        name = _variable(service["metadata"]["name"])
        found |= {f"{name}_SERVICE_HOST": address, f"{name}_SERVICE_PORT": str(ports[0]["port"])}
        for port in ports:
            if port.get("name"):
                found[f"{name}_SERVICE_PORT_{_variable(port['name'])}"] = str(port["port"])
        for index, port in enumerate(ports):
            found |= _docker_link(name, address, port, first=index == 0)
    return found


def _docker_link(name: str, address: str, port: Manifest, *, first: bool) -> dict[str, str]:
    protocol = str(port.get("protocol", "TCP"))
    url = f"{protocol.lower()}://{address}:{port['port']}"
    prefix = f"{name}_PORT_{port['port']}_{protocol}"
    start = {f"{name}_PORT": url} if first else {}
    return start | {
        prefix: url,
        f"{prefix}_PROTO": protocol.lower(),
        f"{prefix}_PORT": str(port["port"]),
        f"{prefix}_ADDR": address,
    }


def _variable(name: str) -> str:
    return name.replace("-", "_").upper()
