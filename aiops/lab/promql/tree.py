"""The syntax tree of a checked query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from aiops.lab.tsdb import Labels, Matcher

Kind = Literal["scalar", "vector", "matrix", "string"]
"""Prometheus' value types."""


@dataclass(frozen=True, slots=True)
class Number:
    value: float


@dataclass(frozen=True, slots=True)
class String:
    value: str


@dataclass(frozen=True, slots=True)
class Shift:
    """Which moment a selector looks at: `@` fixes it (unix milliseconds), `offset` (ms) goes back from it."""

    offset: int = 0
    at: int | Literal["start", "end"] | None = None


@dataclass(frozen=True, slots=True)
class Selector:
    """An instant vector selector."""

    matchers: tuple[Matcher, ...]
    shift: Shift


@dataclass(frozen=True, slots=True)
class RangeSelector:
    """The samples of the last `width` milliseconds."""

    selector: Selector
    width: int


@dataclass(frozen=True, slots=True)
class Subquery:
    """`expr` at every multiple of `step` (None: the engine's default) in the last `width`; milliseconds."""

    expr: Node
    width: int
    step: int | None
    shift: Shift


@dataclass(frozen=True, slots=True)
class Negation:
    expr: Node


@dataclass(frozen=True, slots=True)
class Matching:
    """Which series of two vectors belong together: those that agree `on` the names, or on all others.

    `many`: the side of which several series may match one of the other, whose `include` labels they get.
    """

    names: frozenset[str] = frozenset()
    on: bool = False
    many: Literal["left", "right"] | None = None
    include: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Binary:
    op: str
    left: Node
    right: Node
    matching: Matching
    as_bool: bool


@dataclass(frozen=True, slots=True)
class Aggregation:
    """`names` are those to group by, or those to leave out."""

    op: str
    expr: Node
    param: Node | None
    names: frozenset[str]
    without: bool


@dataclass(frozen=True, slots=True)
class Call:
    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Absent:
    """`absent` and `absent_over_time`; `wanted`: the labels that the selector fixes by equality."""

    argument: Node
    wanted: Labels


@dataclass(frozen=True, slots=True)
class Prefetched:
    """A selector, or a function of one, whose value is found together with others: its number among them."""

    number: int


@dataclass(frozen=True, slots=True)
class Shared:
    """An expression that rests on nothing but what is found together: it is evaluated once for all that hold it, and
    again when that has changed; its number among them, and those of what it rests on."""

    number: int
    numbers: tuple[int, ...]
    expr: Node


Node = (
    Number
    | String
    | Selector
    | RangeSelector
    | Subquery
    | Negation
    | Binary
    | Aggregation
    | Call
    | Absent
    | Prefetched
    | Shared
)
