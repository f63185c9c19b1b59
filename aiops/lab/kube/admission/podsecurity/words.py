"""What a check finds, and the parts of its sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

Spec = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a pod breaks: `reason` names the rule, `detail` who breaks it."""

    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Subject:
    """A pod or a template of pods, and the minor version of the standards by which it is judged."""

    metadata: Spec
    spec: Spec
    minor: int


Check = Callable[[Subject], Finding | None]


def containers(spec: Spec) -> Iterator[Spec]:
    for field in ("initContainers", "containers", "ephemeralContainers"):
        yield from spec.get(field) or ()


def security(container: Spec) -> Spec:
    return container.get("securityContext") or {}


def count(items: Iterable[Any], one: str, many: str) -> str:
    return one if len(list(items)) == 1 else many


def quoted(values: Iterable[str]) -> str:
    return ", ".join(f'"{value}"' for value in values)


def named(names: list[str], one: str = "container", many: str = "containers") -> str:
    """`container "a"`, `containers "a", "b"`."""
    return f"{count(names, one, many)} {quoted(names)}"


def setters(pod: bool, names: list[str]) -> str:
    """Who sets something: the pod, containers, or both."""
    return " and ".join([*(["pod"] if pod else []), *([named(names)] if names else [])])
