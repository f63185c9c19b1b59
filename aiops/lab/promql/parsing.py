"""Text to syntax tree: read by the `promql_parser` package, then checked for what Prometheus 2.42 knows."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from typing import Any, Literal

import promql_parser as ast

from aiops.core.errors import InvalidInputError
from aiops.lab.promql import tree
from aiops.lab.promql.aggregation import AGGREGATIONS
from aiops.lab.promql.dialect import check_function, check_text
from aiops.lab.promql.functions import FUNCTIONS
from aiops.lab.promql.values import ParseError, without_name
from aiops.lab.tsdb import NAME, Labels, Matcher, labels_of
from aiops.lab.tsdb.matcher import Op

MAX_LENGTH = 8192
MAX_DEPTH = 100
"""The parser recurses on the machine's stack: text nested deeper would end the process."""

_DURATION = re.compile(r"(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?", re.ASCII)
_UNITS = (365 * 86_400_000, 7 * 86_400_000, 86_400_000, 3_600_000, 60_000, 1000, 1)
"""Milliseconds of the groups above."""

_UNKNOWN = re.compile("unknown function with name '([^']*)'")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)

_OPS: tuple[tuple[Any, Op], ...] = (
    (ast.MatchOp.Equal, "="),
    (ast.MatchOp.NotEqual, "!="),
    (ast.MatchOp.Re, "=~"),
    (ast.MatchOp.NotRe, "!~"),
)


@lru_cache(1024)
def parse(query: str) -> tree.Node:
    """The syntax tree of a query. Raises `ParseError` naming what is wrong."""
    if not query.strip():
        raise ParseError("1:1: parse error: no expression found in input")
    if len(query) > MAX_LENGTH:
        raise ParseError(f"query is longer than {MAX_LENGTH} characters")
    if _depth(query) > MAX_DEPTH:
        raise ParseError(f"query is nested deeper than {MAX_DEPTH} levels")
    _know_holt_winters()
    try:
        read = ast.parse(query)
    except ValueError as error:
        raise ParseError(f"parse error: {_UNKNOWN.sub(_in_quotes, str(error))}") from error
    check_text(query)
    return _node(read)


@cache
def _know_holt_winters() -> None:
    """Later versions call it double_exponential_smoothing, and so does the parser."""
    types = [ast.ValueType.Matrix, ast.ValueType.Scalar, ast.ValueType.Scalar]
    ast.register_extra_functions([ast.Function("holt_winters", types, ast.ValueType.Vector, 0, False)])


def _in_quotes(found: re.Match[str]) -> str:
    return f'unknown function with name "{found[1]}"'


def _depth(query: str) -> int:
    """Brackets and prefix operators that can be open at once, at most (those inside strings count too)."""
    depth = deepest = prefixes = 0
    for character in query:
        if character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        elif character in "-+^":
            prefixes += 1
        deepest = max(deepest, depth)
    return deepest + prefixes


def parse_duration(text: str) -> float:
    """Seconds of a Prometheus duration (`1h30m`) or of a plain number. Raises `ParseError`."""
    match = _DURATION.fullmatch(text)
    if match and text:
        return sum(int(number) * unit for number, unit in zip(match.groups("0"), _UNITS, strict=True)) / 1000
    try:
        return float(text)
    except ValueError as error:
        raise ParseError(f'cannot parse "{text}" to a valid duration') from error


def _node(node: Any) -> tree.Node:
    return _READERS[type(node)](node)


def _unwrapped(node: Any) -> Any:
    while isinstance(node, ast.ParenExpr):
        node = node.expr
    return node


def _selector(node: Any) -> tree.Selector:
    if node.matchers.or_matchers:
        raise ParseError('parse error: unexpected identifier "or" in label matching, expected "," or "}"')
    named = (Matcher(NAME, "=", node.name),) if node.name else ()
    try:
        matchers = named + tuple(
            Matcher(matcher.name, op, matcher.value)
            for matcher in node.matchers.matchers
            for kind, op in _OPS
            if matcher.op == kind
        )
    except InvalidInputError as error:
        raise ParseError(f"parse error: {error}") from error
    return tree.Selector(matchers, _shift(node))


def _shift(node: Any) -> tree.Shift:
    offset = 0 if node.offset is None else node.offset // _MILLISECOND
    return tree.Shift(offset, None if node.at is None else _at(node.at))


def _at(modifier: Any) -> int | Literal["start", "end"]:
    if modifier.type == ast.AtModifierType.Start:
        return "start"
    if modifier.type == ast.AtModifierType.End:
        return "end"
    return int((modifier.at - _EPOCH) // _MILLISECOND)


def _range(node: Any) -> tree.RangeSelector:
    return tree.RangeSelector(_selector(node.vector_selector), node.range // _MILLISECOND)


def _subquery(node: Any) -> tree.Subquery:
    step = None if node.step is None else node.step // _MILLISECOND
    return tree.Subquery(_node(node.expr), node.range // _MILLISECOND, step, _shift(node))


def _binary(node: Any) -> tree.Binary:
    modifier = node.modifier
    if modifier is None:
        return tree.Binary(str(node.op), _node(node.lhs), _node(node.rhs), tree.Matching(), as_bool=False)
    if modifier.fill_values.lhs is not None or modifier.fill_values.rhs is not None:
        raise ParseError('parse error: unknown function with name "fill"')
    many: Literal["left", "right"] | None = None
    if modifier.card == ast.VectorMatchCardinality.ManyToOne:
        many = "left"
    elif modifier.card == ast.VectorMatchCardinality.OneToMany:
        many = "right"
    names = frozenset(modifier.matching.labels if modifier.matching is not None else ())
    on = modifier.matching is not None and modifier.matching.type == ast.LabelModifierType.Include
    matching = tree.Matching(names, on, many, tuple(modifier.group_labels or ()) if many else ())
    return tree.Binary(str(node.op), _node(node.lhs), _node(node.rhs), matching, as_bool=modifier.return_bool)


def _aggregation(node: Any) -> tree.Aggregation:
    op = str(node.op)
    check_function(op, AGGREGATIONS)
    names = frozenset(node.modifier.labels) if node.modifier is not None else frozenset()
    without = node.modifier is not None and node.modifier.type == ast.AggModifierType.Without
    param = None if node.param is None else _node(node.param)
    return tree.Aggregation(op, _node(node.expr), param, names, without)


def _call(node: Any) -> tree.Call | tree.Absent:
    name = node.func.name
    arguments = [_unwrapped(argument) for argument in node.args]
    if name in ("absent", "absent_over_time"):
        return tree.Absent(_node(arguments[0]), _wanted_labels(arguments[0]))
    check_function(name, FUNCTIONS)
    return tree.Call(name, tuple(_node(argument) for argument in arguments))


def _wanted_labels(node: Any) -> Labels:
    """The labels that a selector fixes by equality, each once."""
    selector = node.vector_selector if isinstance(node, ast.MatrixSelector) else node
    if not isinstance(selector, ast.VectorSelector):
        return ()
    matchers = selector.matchers.matchers
    names = [matcher.name for matcher in matchers]
    fixed = {m.name: m.value for m in matchers if m.op == ast.MatchOp.Equal and names.count(m.name) == 1}
    return without_name(labels_of(fixed))


_READERS: dict[type, Callable[[Any], tree.Node]] = {
    ast.NumberLiteral: lambda node: tree.Number(node.val),
    ast.StringLiteral: lambda node: tree.String(node.val),
    ast.ParenExpr: lambda node: _node(node.expr),
    ast.UnaryExpr: lambda node: tree.Negation(_node(node.expr)),
    ast.BinaryExpr: _binary,
    ast.AggregateExpr: _aggregation,
    ast.Call: _call,
    ast.VectorSelector: _selector,
    ast.MatrixSelector: _range,
    ast.SubqueryExpr: _subquery,
}
