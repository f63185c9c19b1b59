"""Who calls whom."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence

from aiops.core.entity import Entity


class CallGraph:
    """A directed graph, caller to callee. Neighbours come in a fixed order."""

    def __init__(self, calls: Iterable[tuple[Entity, Entity]]) -> None:
        edges = sorted({(str(a), str(b)): (a, b) for a, b in calls if a != b}.items())
        self._callees: dict[Entity, list[Entity]] = {}
        self._callers: dict[Entity, list[Entity]] = {}
        for _, (caller, callee) in edges:
            self._callees.setdefault(caller, []).append(callee)
            self._callers.setdefault(callee, []).append(caller)

    def __contains__(self, entity: Entity) -> bool:
        return entity in self._callees or entity in self._callers

    def callees(self, entity: Entity) -> list[Entity]:
        """Whom a node calls, by name."""
        return self._callees.get(entity, [])

    def callers(self, entity: Entity) -> list[Entity]:
        """Who calls a node, by name."""
        return self._callers.get(entity, [])

    def entries(self) -> list[Entity]:
        """Nodes that call and that nobody calls: where requests come in."""
        return [entity for entity in self._callees if entity not in self._callers]

    def path_to_caller(self, start: Entity, ends: Sequence[Entity]) -> tuple[Entity, ...]:
        """A shortest way against the calls from `start` to one of `ends`, both included; empty where there is none."""
        return _shortest(start, ends, self.callers)

    def distance(self, first: Entity, second: Entity) -> int | None:
        """Calls between two nodes, in either direction; None where they are not connected."""
        down = _shortest(first, (second,), self.callees)
        up = _shortest(first, (second,), self.callers)
        lengths = [len(path) - 1 for path in (down, up) if path]
        return min(lengths, default=None)


def _shortest(start: Entity, ends: Sequence[Entity], step: Callable[[Entity], list[Entity]]) -> tuple[Entity, ...]:
    came_from: dict[Entity, Entity | None] = {start: None}
    queue = deque([start])
    while queue:
        node = queue.popleft()
        if node in ends:
            return _unwind(node, came_from)
        for neighbour in step(node):
            if neighbour not in came_from:
                came_from[neighbour] = node
                queue.append(neighbour)
    return ()


def _unwind(node: Entity, came_from: dict[Entity, Entity | None]) -> tuple[Entity, ...]:
    path = [node]
    while (before := came_from[path[-1]]) is not None:
        path.append(before)
    return tuple(reversed(path))
