"""The addresses that workloads are configured to call, read from their environment."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from aiops.analysis.state.cluster import ClusterState, containers
from aiops.core.entity import Entity, Manifest

_ADDRESS = re.compile(
    r"^(?:[a-z][a-z0-9+.-]*://)?(?:[^@/\s]*@)?"
    r"(?P<host>[a-z](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*)"
    r":(?P<port>\d{1,5})(?:[/?].*)?$"
)


@dataclass(frozen=True, slots=True)
class Reference:
    """`host:port` that a container of `workload` has in an environment variable. `defined_in` is the object whose
    `path` holds the text: the workload, or a ConfigMap."""

    workload: Entity
    host: str
    port: int
    defined_in: Entity
    path: str
    text: str


def references(state: ClusterState) -> Iterator[Reference]:
    """Every address in the environments of all workloads. Several in one variable are told apart by commas."""
    for workload in state.workloads():
        for container in containers(workload):
            for text, where, path in _values(state, workload, container):
                for part in text.split(","):
                    found = _ADDRESS.match(part.strip())
                    if found:
                        host, port = found["host"], int(found["port"])
                        yield Reference(Entity.of(workload), host, port, where, path, text)


def _values(state: ClusterState, workload: Manifest, container: Manifest) -> Iterator[tuple[str, Entity, str]]:
    """(text, object that holds it, path in it) of each environment variable whose value can be read."""
    entity = Entity.of(workload)
    for variable in container.get("env", []):
        if isinstance(variable.get("value"), str):
            path = f"spec.template.spec.containers[{container['name']}].env[{variable['name']}].value"
            yield variable["value"], entity, path
        source = variable.get("valueFrom", {}).get("configMapKeyRef")
        if source:
            yield from _config_values(state, entity.namespace, source["name"], source.get("key"))
    for group in container.get("envFrom", []):
        if group.get("configMapRef"):
            yield from _config_values(state, entity.namespace, group["configMapRef"]["name"], None)


def _config_values(
    state: ClusterState, namespace: str, name: str, key: str | None
) -> Iterator[tuple[str, Entity, str]]:
    config: dict[str, Any] = state.find("ConfigMap", namespace, name) or {}
    entity = Entity(kind="ConfigMap", namespace=namespace, name=name)
    for item, text in sorted((config.get("data") or {}).items()):
        if key in (None, item):
            yield text, entity, f"data.{item}"
