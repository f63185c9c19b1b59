"""Ingresses, through which users come in."""

from __future__ import annotations

from aiops.core.entity import Entity
from aiops.core.target import Target

ANNOTATIONS = "nginx.ingress.kubernetes.io"
"""The prefix of the annotations that ingress-nginx reads."""


async def ingresses(target: Target, namespace: str) -> list[Entity]:
    """The Ingresses of a namespace, sorted by name."""
    return sorted((Entity.of(item) for item in await target.list("Ingress", namespace)), key=str)
