"""Groups log lines by the statement that wrote them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aiops.analysis.logs.generalise import generalise
from aiops.analysis.logs.masks import Masker
from aiops.core.entity import Entity
from aiops.core.telemetry import LogLine


@dataclass(frozen=True, slots=True)
class Parsed:
    """Messages by template. `templates` are the most frequent first; `counts` (k,) are the messages of each, and
    `assignment` (n,) is the index of each message's template."""

    templates: tuple[str, ...]
    counts: npt.NDArray[np.int64]
    assignment: npt.NDArray[np.int64]


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


def parse(messages: Iterable[str]) -> Parsed:
    """The templates of `messages`, with `<*>` for what varies and for secrets. Does not depend on their order.

    Two messages that are equal after masking always have the same template.
    """
    masker = Masker()
    lines = np.array([masker.add(message) for message in messages], dtype=np.int64)
    masked = masker.masked()
    template_of = generalise(masked)
    names = [template_of[line] for line in masked]
    found = sorted(set(names))
    place = {name: index for index, name in enumerate(found)}
    by_name = np.array([place[name] for name in names], dtype=np.int64)[lines]
    counts = np.bincount(by_name, minlength=len(found))
    order = np.argsort(-counts, kind="stable")
    rank = np.empty_like(order)
    rank[order] = np.arange(len(found))
    return Parsed(tuple(found[index] for index in order), counts[order], rank[by_name])


def group(lines: Iterable[LogLine]) -> list[TemplateGroup]:
    """The templates of `lines`, the most frequent first, as `parse` finds them. Every line is in exactly one."""
    every = list(lines)
    parsed = parse(line.message for line in every)
    members: list[list[LogLine]] = [[] for _ in parsed.templates]
    for line, index in zip(every, parsed.assignment, strict=True):
        members[index].append(line)
    return [_summarise(template, found) for template, found in zip(parsed.templates, members, strict=True)]


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
