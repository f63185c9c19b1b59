"""The spans of a trace as a tree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from aiops.core.telemetry import Span


@dataclass(slots=True)
class Node:
    """A span with its children, in the order of their starts."""

    span: Span
    children: list[Node] = field(default_factory=list)


def trees(spans: Iterable[Span]) -> list[Node]:
    """All spans as nodes, linked by parent id; parents that were not recorded are left out.

    Spans are told apart by (trace id, span id); a repeated one counts once.
    """
    nodes = {(s.trace_id, s.span_id): Node(s) for s in sorted(spans, key=lambda s: (s.start, s.trace_id, s.span_id))}
    for node in nodes.values():
        parent = nodes.get((node.span.trace_id, node.span.parent_id or ""))
        if parent is not None and parent is not node:
            parent.children.append(node)
    return list(nodes.values())


def by_operation(nodes: Iterable[Node]) -> dict[tuple[str, str], list[Node]]:
    """(service, operation) -> its spans' nodes."""
    groups: dict[tuple[str, str], list[Node]] = defaultdict(list)
    for node in nodes:
        groups[node.span.service, node.span.operation].append(node)
    return dict(groups)
