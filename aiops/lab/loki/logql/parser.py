"""Reads a query: recursive descent over its tokens, operators by precedence."""

from __future__ import annotations

from aiops.lab.loki.logql.ast import (
    Binary,
    Grouping,
    LabelReplace,
    LogQuery,
    Matcher,
    Metric,
    Number,
    Query,
    RangeAggregation,
    Unwrap,
    Vector,
    VectorAggregation,
)
from aiops.lab.loki.logql.errors import ParseError
from aiops.lab.loki.logql.lexer import END, Token, tokens_of
from aiops.lab.loki.logql.patterns import compiled
from aiops.lab.loki.logql.stages import StageReader
from aiops.lab.loki.logql.units import seconds_of

COUNTING = ("count_over_time", "rate", "bytes_over_time", "bytes_rate", "absent_over_time")
UNWRAPPED = (
    "rate", "rate_counter", "sum_over_time", "avg_over_time", "min_over_time", "max_over_time", "first_over_time",
    "last_over_time", "stddev_over_time", "stdvar_over_time", "quantile_over_time", "absent_over_time",
)  # fmt: skip
GROUPED = ("avg_over_time", "min_over_time", "max_over_time", "first_over_time", "last_over_time", "stddev_over_time",
           "stdvar_over_time", "quantile_over_time")  # fmt: skip
AGGREGATIONS = ("sum", "avg", "min", "max", "count", "stddev", "stdvar", "topk", "bottomk", "sort", "sort_desc")

_PRECEDENCE = {
    "or": 1, "and": 2, "unless": 2, "==": 3, "!=": 3, ">": 3, ">=": 3, "<": 3, "<=": 3, "+": 4, "-": 4, "*": 5, "/": 5,
    "%": 5, "^": 6,
}  # fmt: skip
_COMPARISONS = ("==", "!=", ">", ">=", "<", "<=")
_SETS = ("and", "or", "unless")
_DEEPEST = 100
_EMPTY = (
    "queries require at least one regexp or equality matcher that does not have an empty-compatible value. "
    'For instance, app=~".*" does not meet this requirement, but app=~".+" will'
)


def parse(text: str) -> Query:
    """The tree of a query. Raises `ParseError`."""
    reader = _Reader(text)
    query = reader.expression(0)
    reader.expect_end()
    return query


def parse_selector(text: str) -> tuple[Matcher, ...]:
    """The matchers of a selector without a pipeline. Raises `ParseError`."""
    query = parse(text)
    if not isinstance(query, LogQuery) or query.stages:
        raise ParseError("only label matchers are supported")
    return query.matchers


class _Reader(StageReader):
    def __init__(self, text: str) -> None:
        super().__init__(tokens_of(text), text)
        self._depth = 0

    def expect_end(self) -> None:
        if self.here.kind != END:
            raise self.unexpected()

    def expression(self, least: int) -> Query:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ParseError("expression is nested too deeply")
        left = self._primary()
        while (precedence := _PRECEDENCE.get(self.here.text, 0)) > least and self.here.kind in ("operator", "word"):
            token = self.take()
            left = self._operation(token, left, precedence)
        self._depth -= 1
        return left

    def _operation(self, token: Token, left: Query, precedence: int) -> Binary:
        keep_bool = token.text in _COMPARISONS and self.taken("bool")
        matching = self._matching()
        right = self.expression(precedence - 1 if token.text == "^" else precedence)
        if token.text in _SETS and (isinstance(left, Number) or isinstance(right, Number)):
            raise ParseError(f"unexpected literal for set operation ({token.text})", *self.place(token))
        sides = (("left", left), ("right", right))
        for name, side in sides:
            if isinstance(side, LogQuery):
                kind = "*syntax.PipelineExpr" if side.stages else "*syntax.MatchersExpr"
                raise ParseError(f"unexpected type for {name} leg of binary operation ({token.text}): {kind}")
        return Binary(token.text, _metric(left), _metric(right), keep_bool, matching)

    def _matching(self) -> Grouping | None:
        if self.here.text not in ("on", "ignoring"):
            return None
        without = self.take().text == "ignoring"
        labels = self.labels()
        if self.here.text in ("group_left", "group_right"):
            raise ParseError("many-to-one matching is not supported", *self.place(self.here))
        return Grouping(labels, without)

    def _primary(self) -> Query:
        token = self.here
        if token.text == "{" and token.kind == "operator":
            return self.log_query()
        if token.text == "(" and token.kind == "operator":
            self.take()
            inner = self.expression(0)
            self.expect(")")
            return inner
        if token.kind == "number" or (token.kind == "operator" and token.text in ("+", "-")):
            return Number(self.number())
        if token.kind == "word":
            return self._function(self.take())
        raise self.unexpected()

    def _function(self, token: Token) -> Metric:
        name = token.text
        if name == "vector":
            self.expect("(")
            value = self.number()
            self.expect(")")
            return Vector(value)
        if name == "label_replace":
            return self._label_replace()
        if name in AGGREGATIONS:
            return self._aggregation(name)
        if name in COUNTING or name in UNWRAPPED:
            return self._range_aggregation(token)
        raise self.unexpected(token)

    def _label_replace(self) -> LabelReplace:
        self.expect("(")
        inner = self._metric()
        texts = []
        for _ in range(4):
            self.expect(",")
            texts.append(self.string())
        self.expect(")")
        compiled(texts[3])
        return LabelReplace(inner, *texts)

    def _aggregation(self, name: str) -> VectorAggregation:
        grouping = self.grouping()
        self.expect("(")
        parameter = None
        if name in ("topk", "bottomk"):
            number = self.number() if self.here.kind == "number" else None
            if number is None or number < 1 or number != int(number):
                raise ParseError(f"invalid parameter (must be greater than 0) {name}({self.here.text}")
            parameter = int(number)
            self.expect(",")
        inner = self._metric()
        self.expect(")")
        grouping = grouping or self.grouping()
        if name in ("sort", "sort_desc") and grouping is not None:
            raise ParseError(f"sort and sort_desc doesn't allow grouping by {name}")
        return VectorAggregation(name, inner, grouping, parameter)

    def _metric(self) -> Metric:
        token = self.here
        inner = self.expression(0)
        if isinstance(inner, LogQuery):
            raise ParseError("syntax error: unexpected log query, expecting a metric query", *self.place(token))
        return inner

    def _range_aggregation(self, token: Token) -> RangeAggregation:
        self.expect("(")
        parameter = None
        if token.text == "quantile_over_time":
            parameter = self.number()
            self.expect(",")
        query, unwrap, seconds, offset = self._log_range()
        self.expect(")")
        grouping = self.grouping()
        name = token.text
        if unwrap is None and name not in COUNTING:
            raise ParseError(f"invalid aggregation {name} without unwrap")
        if unwrap is not None and name not in UNWRAPPED:
            raise ParseError(f"invalid aggregation {name} with unwrap")
        if grouping is not None and name not in GROUPED:
            raise ParseError(f"grouping not allowed for {name} aggregation")
        return RangeAggregation(name, query, seconds, unwrap, offset, parameter, grouping)

    def _log_range(self) -> tuple[LogQuery, Unwrap | None, float, float]:
        """(query, unwrap, seconds, offset); the range may stand before the pipeline as well as after it."""
        wrapped = 0
        while self.taken("("):
            wrapped += 1
        matchers = self.selector()
        seconds, offset = self._range()
        stages, unwrap = self.pipeline()
        for _ in range(wrapped):
            self.expect(")")
        if seconds is None:
            seconds, offset = self._range()
        if seconds is None:
            raise self.unexpected()
        return LogQuery(matchers, stages), unwrap, seconds, offset

    def _range(self) -> tuple[float | None, float]:
        if not self.taken("["):
            return None, 0.0
        token = self.take()
        seconds = seconds_of(token.text) if token.kind == "duration" else None
        if not seconds:
            raise self.unexpected(token)
        self.expect("]")
        offset = 0.0
        if self.taken("offset"):
            negative = self.taken("-")
            token = self.take()
            found = seconds_of(token.text) if token.kind in ("duration", "number") else None
            if found is None:
                raise self.unexpected(token)
            offset = -found if negative else found
        return seconds, offset

    def log_query(self) -> LogQuery:
        matchers = self.selector()
        stages, unwrap = self.pipeline()
        if unwrap is not None:
            raise ParseError("unwrap is only allowed in a range aggregation")
        return LogQuery(matchers, stages)

    def selector(self) -> tuple[Matcher, ...]:
        self.expect("{")
        found: list[Matcher] = []
        while not self.taken("}"):
            if found:
                self.expect(",")
            found.append(self.matcher())
        if all(_takes_empty(matcher) for matcher in found):
            raise ParseError(_EMPTY)
        return tuple(found)


def _takes_empty(matcher: Matcher) -> bool:
    match matcher.operator:
        case "=":
            return not matcher.value
        case "!=":
            return True
        case "=~":
            return compiled(matcher.value).fullmatch("") is not None
    return True


def _metric(query: Query) -> Metric:
    assert not isinstance(query, LogQuery)
    return query
