"""What a finding is about: an object of the cluster, or the edge between two."""

from __future__ import annotations

from typing import Any

from aiops.core.errors import InvalidInputError
from aiops.core.model import Value

Manifest = dict[str, Any]
"""A Kubernetes object as raw JSON."""

WORKLOAD_KINDS = ("Deployment", "StatefulSet", "DaemonSet")
"""Kinds whose template makes pods that serve for as long as they live."""


class Entity(Value):
    """An object, written `kind/namespace/name` (`Deployment/hotel/geo`; cluster-wide: `Node//node-1`)."""

    kind: str
    namespace: str = ""
    name: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.namespace}/{self.name}"

    @classmethod
    def parse(cls, text: str) -> Entity:
        """Read `kind/namespace/name`. Raises `InvalidInputError`."""
        parts = text.split("/")
        if len(parts) != 3 or not parts[0] or not parts[2]:
            raise InvalidInputError(f"not an entity (kind/namespace/name): {text!r}")
        return cls(kind=parts[0], namespace=parts[1], name=parts[2])

    @classmethod
    def of(cls, manifest: Manifest) -> Entity:
        """The entity of a raw object, which must carry its kind."""
        meta = manifest["metadata"]
        return cls(kind=manifest["kind"], namespace=meta.get("namespace", ""), name=meta["name"])


class Edge(Value):
    """A call or a permission from one entity to another, written `A -> B`."""

    source: Entity
    target: Entity

    def __str__(self) -> str:
        return f"{self.source} -> {self.target}"


Subject = Entity | Edge


def ends(subject: Subject) -> tuple[Entity, ...]:
    """Both ends of an edge; an entity alone."""
    return (subject.source, subject.target) if isinstance(subject, Edge) else (subject,)
