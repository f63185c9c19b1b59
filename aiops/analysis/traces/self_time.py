"""Time that a span spent itself, without waiting for its children."""

from __future__ import annotations

from aiops.analysis.traces.tree import Node
from aiops.core.telemetry import Span


def self_time(node: Node) -> float:
    """Seconds of a span in which none of its children ran. Children may overlap each other and its ends."""
    start, end = node.span.start, node.span.start + node.span.duration
    covered, reached = 0.0, start
    for child in node.children:
        child_end = min(child.span.start + child.span.duration, end)
        child_start = max(child.span.start, reached)
        if child_end > child_start:
            covered += child_end - child_start
            reached = child_end
    return max(node.span.duration - covered, 0.0)


def is_client(span: Span) -> bool:
    """Does the span stand on the calling side of a remote call?"""
    return span.attributes.get("span.kind") in ("client", "producer")
