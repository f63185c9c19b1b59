"""Which keys of which ConfigMaps and Secrets a container's environment is made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from aiops.core.entity import Entity, Manifest

KEY_REFS = {"configMapKeyRef": "ConfigMap", "secretKeyRef": "Secret"}
ALL = "its environment"
"""What stands for the variable where all keys become variables."""

GROUP_REFS = {"configMapRef": "ConfigMap", "secretRef": "Secret"}


@dataclass(frozen=True, slots=True)
class KeyReference:
    """`variable` takes its value from `key` of `config`; an empty key means the object as a whole (`envFrom`)."""

    variable: str
    config: Entity
    key: str
    optional: bool = False

    @property
    def named(self) -> bool:
        """Is it one variable, and not all of `envFrom`?"""
        return self.variable != ALL

    def whole(self) -> KeyReference:
        """The same reference, whatever the key."""
        return replace(self, key="")


def key_references(container: Manifest, namespace: str) -> Iterator[KeyReference]:
    """The references of a container in `namespace`, variables first."""
    for variable in container.get("env") or []:
        for field, kind in KEY_REFS.items():
            source = (variable.get("valueFrom") or {}).get(field)
            if source and source.get("name"):
                config = Entity(kind=kind, namespace=namespace, name=source["name"])
                yield KeyReference(variable["name"], config, source.get("key", ""), bool(source.get("optional")))
    for group in container.get("envFrom") or []:
        for field, kind in GROUP_REFS.items():
            source = group.get(field)
            if source and source.get("name"):
                config = Entity(kind=kind, namespace=namespace, name=source["name"])
                yield KeyReference(ALL, config, "", bool(source.get("optional")))


def keys_of(config: Manifest) -> list[str]:
    """The keys of a ConfigMap or Secret, by name."""
    return sorted({**(config.get("data") or {}), **(config.get("binaryData") or {})})
