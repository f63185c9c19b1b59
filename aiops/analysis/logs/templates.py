"""Groups log lines by the statement that wrote them.

A fixed-depth parse tree after He et al., "Drain: An Online Log Parsing Approach with Fixed Depth Tree" (ICWS 2017):
masked lines are filed by their number of tokens and their first token, then joined to the most similar template.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aiops.analysis.logs.masks import HOLE, mask
from aiops.core.entity import Entity
from aiops.core.telemetry import LogLine

SIMILARITY = 0.6
"""Share of equal tokens from which two lines of one length are taken for the same statement."""

MAX_TOKENS = 60
"""Tokens of a line that are compared; a stack trace on one line need not be read to its end."""


@dataclass(frozen=True, slots=True)
class TemplateGroup:
    """The lines of one template. `first`, `last` and `times` (rising) are unix seconds; `entities` are sorted.

    `example` is the earliest line as it was written: untrusted text.
    """

    template: str
    count: int
    first: float
    last: float
    example: str
    entities: tuple[Entity, ...]
    times: tuple[float, ...]


class _Cluster:
    """A template under construction, and the masked lines that belong to it."""

    def __init__(self, tokens: Sequence[str]) -> None:
        self.tokens = list(tokens)

    def similarity(self, tokens: Sequence[str]) -> float:
        equal = sum(a == b for a, b in zip(self.tokens, tokens, strict=True))
        return equal / len(tokens)

    def join(self, tokens: Sequence[str]) -> None:
        self.tokens = [a if a == b else HOLE for a, b in zip(self.tokens, tokens, strict=True)]


def group(lines: Iterable[LogLine]) -> list[TemplateGroup]:
    """The templates of `lines`, the most frequent first. Does not depend on the order of the lines.

    Two lines that are equal after masking are always in one group, and every line is in exactly one.
    """
    members: dict[str, list[LogLine]] = defaultdict(list)
    for line in lines:
        members[mask(line.message)].append(line)
    clusters = _cluster(sorted(members))
    by_template: dict[str, list[LogLine]] = defaultdict(list)
    for masked, cluster in clusters.items():
        by_template[" ".join(cluster.tokens)].extend(members[masked])
    groups = [_summarise(template, found) for template, found in by_template.items()]
    return sorted(groups, key=lambda g: (-g.count, g.template))


def _cluster(masked_lines: Sequence[str]) -> dict[str, _Cluster]:
    """Masked line -> its cluster. The lines come sorted, so that the tree does not depend on arrival order."""
    tree: dict[tuple[int, str], list[_Cluster]] = defaultdict(list)
    found: dict[str, _Cluster] = {}
    for masked in masked_lines:
        tokens = masked.split(" ")[:MAX_TOKENS]
        branch = tree[len(tokens), tokens[0]]
        best = max(branch, key=lambda c: c.similarity(tokens), default=None)
        if best is None or best.similarity(tokens) < SIMILARITY:
            best = _Cluster(tokens)
            branch.append(best)
        else:
            best.join(tokens)
        found[masked] = best
    return found


def _summarise(template: str, lines: list[LogLine]) -> TemplateGroup:
    ordered = sorted(lines, key=lambda line: (line.time, str(line.entity), line.message))
    return TemplateGroup(
        template=template,
        count=len(ordered),
        first=ordered[0].time,
        last=ordered[-1].time,
        example=ordered[0].message,
        entities=tuple(sorted({line.entity for line in ordered}, key=str)),
        times=tuple(line.time for line in ordered),
    )
