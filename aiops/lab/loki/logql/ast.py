"""The parts of a query. Equal queries have equal trees; `text.py` writes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

MatchOperator = Literal["=", "!=", "=~", "!~"]
Value = str | float


@dataclass(frozen=True, slots=True)
class Matcher:
    """A condition on a label, in a selector anchored at both ends."""

    name: str
    operator: MatchOperator
    value: str


@dataclass(frozen=True, slots=True)
class LineFilter:
    """`|=`, `!=`, `|~`, `!~`, `|>` or `!>` with the texts of which one is enough (none may be there where it is
    negated)."""

    operator: Literal["|=", "!=", "|~", "!~", "|>", "!>"]
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Parser:
    """`json`, `logfmt`, `regexp`, `pattern`, `unpack` or `decolorize`. `argument` is the expression of regexp and
    pattern; `fields` are (label, path in the line) where only some are wanted; `flags` are those of logfmt."""

    kind: str
    argument: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LabelComparison:
    """A label against a value. `unit` says what the value is: a `string`, `number`, `duration` (s) or `bytes`."""

    name: str
    operator: str
    value: Value
    unit: Literal["string", "number", "duration", "bytes"]


@dataclass(frozen=True, slots=True)
class LabelLogic:
    """Two conditions on labels, both (`and`) or one (`or`)."""

    operator: Literal["and", "or"]
    left: LabelCondition
    right: LabelCondition


LabelCondition = LabelComparison | LabelLogic


@dataclass(frozen=True, slots=True)
class LineFormat:
    """A new line, by a template."""

    template: str


@dataclass(frozen=True, slots=True)
class LabelFormat:
    """New labels: (name, another label's name or a template, whether it is a template)."""

    assignments: tuple[tuple[str, str, bool], ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """`drop` or `keep` labels: (name, the condition on its value where there is one)."""

    kind: Literal["drop", "keep"]
    labels: tuple[tuple[str, Matcher | None], ...]


Stage = LineFilter | Parser | LabelComparison | LabelLogic | LineFormat | LabelFormat | Choice


@dataclass(frozen=True, slots=True)
class LogQuery:
    """A selector of streams and what is done with their lines."""

    matchers: tuple[Matcher, ...]
    stages: tuple[Stage, ...] = ()


@dataclass(frozen=True, slots=True)
class Unwrap:
    """A label whose value is the sample; `conversion` is `duration`, `duration_seconds`, `bytes` or empty."""

    label: str
    conversion: str = ""
    filters: tuple[LabelCondition, ...] = ()


@dataclass(frozen=True, slots=True)
class Grouping:
    """Labels by which series are put together, or (`without`) that they lose."""

    labels: tuple[str, ...]
    without: bool = False


@dataclass(frozen=True, slots=True)
class RangeAggregation:
    """A function of the lines in the `seconds` before each step, `offset` seconds earlier."""

    function: str
    query: LogQuery
    seconds: float
    unwrap: Unwrap | None = None
    offset: float = 0.0
    parameter: float | None = None
    grouping: Grouping | None = None


@dataclass(frozen=True, slots=True)
class VectorAggregation:
    """Series put together at each step. `parameter` is that of `topk` and `bottomk`."""

    function: str
    inner: Metric
    grouping: Grouping | None = None
    parameter: int | None = None


@dataclass(frozen=True, slots=True)
class Number:
    """The same value at each step."""

    value: float


@dataclass(frozen=True, slots=True)
class Vector:
    """`vector(n)`: a series without labels."""

    value: float


@dataclass(frozen=True, slots=True)
class LabelReplace:
    """`label_replace(inner, target, replacement, source, pattern)`."""

    inner: Metric
    target: str
    replacement: str
    source: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Binary:
    """An operation on two sides; `keep_bool` makes comparisons answer 0 or 1. `matching` names the labels on which
    series of both sides meet, or (`without`) that are left out."""

    operator: str
    left: Metric
    right: Metric
    keep_bool: bool = False
    matching: Grouping | None = None


Metric = RangeAggregation | VectorAggregation | Number | Vector | LabelReplace | Binary
Query = LogQuery | Metric
