"""How trouble spreads: the calls around an incident, with the way from its cause to the users."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from itertools import pairwise

from aiops.agents.scoping.scope import Scope
from aiops.core.diagnosis import Diagnosis
from aiops.core.entity import Entity, ends
from aiops.core.errors import ClusterUnreachableError, RemoteError, ToolError
from aiops.core.evidence import Evidence, Source
from aiops.core.model import Value
from aiops.tools.dependencies import Dependency, dependencies
from aiops.tools.kit.context import Context

AFFECTED = 0.5
"""Score of telemetry about an object from which the object counts as affected."""

TELEMETRY = (Source.METRICS, Source.TRACES, Source.LOGS)


class Role(StrEnum):
    """What a part of the picture has to do with the incident."""

    CAUSE = "cause"
    PATH = "path"
    AFFECTED = "affected"
    NORMAL = "normal"


class Node(Value):
    """An object; `id` is its text as in evidence."""

    id: str
    kind: str
    namespace: str
    name: str
    role: Role


class Call(Value):
    """A call. `rate` in calls a second, `error_ratio` 0..1, `seconds` is the mean of a call; None: not known."""

    source: str
    target: str
    role: Role
    rate: float | None = None
    error_ratio: float | None = None
    seconds: float | None = None


class Propagation(Value):
    """The picture of one incident. `missing` says why figures are not there."""

    nodes: tuple[Node, ...] = ()
    edges: tuple[Call, ...] = ()
    missing: tuple[str, ...] = ()


async def propagation(
    scope: Scope, diagnosis: Diagnosis | None, evidence: Sequence[Evidence], ctx: Context
) -> Propagation:
    """The calls of the scope with figures of its window, and each object's part in the incident."""
    missing: list[str] = []
    measured = await _measured(scope, ctx, missing)
    best = diagnosis.best if diagnosis is not None and diagnosis.fault else None
    cause = ends(best.subject) if best else ()
    path = _path(scope, cause, best.path if best else ())
    affected = {end for item in evidence for end in ends(item.subject) if _suffers(item)}
    pairs = dict.fromkeys([(c.source, c.target) for c in scope.call_map.calls] + list(measured) + _steps(path))
    entities = sorted(dict.fromkeys([end for pair in pairs for end in pair] + list(cause)), key=str)
    return Propagation(
        nodes=tuple(_node(entity, cause, path, affected) for entity in entities),
        edges=tuple(_call(source, target, path, measured.get((source, target))) for source, target in pairs),
        missing=tuple(missing),
    )


async def _measured(scope: Scope, ctx: Context, missing: list[str]) -> dict[tuple[Entity, Entity], Dependency]:
    found: dict[tuple[Entity, Entity], Dependency] = {}
    for namespace in scope.each_namespace():
        try:
            graph = await dependencies(ctx, scope.window, namespace=namespace)
        except (ToolError, RemoteError, ClusterUnreachableError) as error:
            # The rest of the picture is of the past: it is shown though the cluster is away now.
            missing.append(str(error))
            continue
        found.update({(edge.source, edge.target): edge for edge in graph.edges})
        if graph.no_data:
            missing.append(graph.no_data)
    return found


def _suffers(item: Evidence) -> bool:
    return item.source in TELEMETRY and item.score >= AFFECTED


def _path(scope: Scope, cause: Sequence[Entity], path: Sequence[Entity]) -> tuple[Entity, ...]:
    """From the cause itself to the users, each object once."""
    begin = [end for end in cause if end not in path][:1]
    reached = [workload for end in begin for workload in scope.call_map.components(end)][:1]
    return tuple(dict.fromkeys([*begin, *reached, *path]))


def _steps(path: Sequence[Entity]) -> list[tuple[Entity, Entity]]:
    """The path runs against the calls."""
    return [(caller, callee) for callee, caller in pairwise(path)]


def _node(entity: Entity, cause: Sequence[Entity], path: Sequence[Entity], affected: set[Entity]) -> Node:
    if entity in cause:
        role = Role.CAUSE
    elif entity in path:
        role = Role.PATH
    else:
        role = Role.AFFECTED if entity in affected else Role.NORMAL
    return Node(id=str(entity), kind=entity.kind, namespace=entity.namespace, name=entity.name, role=role)


def _call(source: Entity, target: Entity, path: Sequence[Entity], measured: Dependency | None) -> Call:
    now = measured.now if measured else None
    return Call(
        source=str(source),
        target=str(target),
        role=Role.PATH if (source, target) in _steps(path) else Role.NORMAL,
        rate=now.rate if now else None,
        error_ratio=now.error_ratio if now else None,
        seconds=now.seconds if now else None,
    )
