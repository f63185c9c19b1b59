"""Variables of containers: where they are, what they are, from which ConfigMap or Secret."""

from __future__ import annotations

import base64

from aiops.core.entity import Entity, Manifest
from aiops.core.errors import InvalidInputError
from aiops.core.model import Value
from aiops.core.target import Target
from aiops.faults.kit.workloads import container_named, containers, find

SOURCES = {"configMapKeyRef": "ConfigMap", "secretKeyRef": "Secret"}
WHOLES = {"configMapRef": "ConfigMap", "secretRef": "Secret"}


class Variable(Value):
    """An environment variable of a Deployment's container, written `Deployment/shop/web web ADDRESS`."""

    deployment: Entity
    container: str
    name: str

    def __str__(self) -> str:
        return f"{self.deployment} {self.container} {self.name}"

    @classmethod
    def parse(cls, text: str) -> Variable:
        """Raises `InvalidInputError`."""
        parts = text.split(" ")
        if len(parts) != 3:
            raise InvalidInputError(f"not a variable (deployment container name): {text!r}")
        return cls(deployment=Entity.parse(parts[0]), container=parts[1], name=parts[2])

    @property
    def path(self) -> str:
        """Where it stands in the Deployment."""
        return f"spec.template.spec.containers[{self.container}].env[{self.name}]"


class KeyUse(Value):
    """A variable and the key that it is read from, written `Deployment/shop/web web ADDRESS ConfigMap/shop/web key`."""

    variable: Variable
    source: Entity
    key: str

    def __str__(self) -> str:
        return f"{self.variable} {self.source} {self.key}"

    @classmethod
    def parse(cls, text: str) -> KeyUse:
        """Raises `InvalidInputError`."""
        variable, _, key = text.rpartition(" ")
        variable, _, source = variable.rpartition(" ")
        return cls(variable=Variable.parse(variable), source=Entity.parse(source), key=key)


def variables(deployment: Manifest) -> list[tuple[Variable, Manifest]]:
    """Every variable of a Deployment with its entry."""
    return [
        (Variable(deployment=Entity.of(deployment), container=container["name"], name=entry["name"]), entry)
        for container in containers(deployment)
        for entry in container.get("env") or ()
    ]


def entry_of(deployment: Manifest, variable: Variable) -> Manifest | None:
    """The entry of a variable, the last one of several; None where the container does not set it itself."""
    container = container_named(deployment, variable.container)
    entries = (container or {}).get("env") or ()
    return next((entry for entry in reversed(entries) if entry["name"] == variable.name), None)


def source_of(entry: Manifest, namespace: str) -> tuple[Entity, str] | None:
    """(ConfigMap or Secret, key) that a variable is read from, or None where it is not."""
    for reference, kind in SOURCES.items():
        found = (entry.get("valueFrom") or {}).get(reference)
        if found:
            return Entity(kind=kind, namespace=namespace, name=found["name"]), found["key"]
    return None


def value_in(source: Manifest, key: str) -> str | None:
    """The text that a ConfigMap or a Secret holds under a key."""
    value = (source.get("data") or {}).get(key)
    if value is None or source["kind"] != "Secret":
        return value
    return base64.b64decode(value).decode()


async def current_value(target: Target, variable: Variable) -> str | None:
    """What the variable is for a pod that starts now; None where it has none or the pod could not start."""
    deployment = await find(target, variable.deployment)
    if deployment is None:
        return None
    entry = entry_of(deployment, variable)
    if entry is None:
        return await _from_whole(target, deployment, variable)
    source = source_of(entry, variable.deployment.namespace)
    if source is None:
        return str(entry.get("value") or "")
    held = await find(target, source[0])
    return value_in(held, source[1]) if held else None


async def _from_whole(target: Target, deployment: Manifest, variable: Variable) -> str | None:
    """The value in the ConfigMaps and Secrets that the container takes as a whole; the last one wins."""
    found = None
    for source in (container_named(deployment, variable.container) or {}).get("envFrom") or ():
        for field, kind in WHOLES.items():
            prefix = source.get("prefix") or ""
            if source.get(field) and variable.name.startswith(prefix):
                place = Entity(kind=kind, namespace=variable.deployment.namespace, name=source[field]["name"])
                held = await find(target, place)
                value = value_in(held, variable.name.removeprefix(prefix)) if held else None
                found = found if value is None else value
    return found
