"""Writes queries: what is written is read back as the same tree."""

from __future__ import annotations

from aiops.lab.loki.logql.ast import (
    Binary,
    Choice,
    Grouping,
    LabelComparison,
    LabelCondition,
    LabelFormat,
    LabelLogic,
    LabelReplace,
    LineFilter,
    LineFormat,
    LogQuery,
    Matcher,
    Number,
    Parser,
    Query,
    RangeAggregation,
    Stage,
    Vector,
    VectorAggregation,
)
from aiops.lab.loki.logql.lexer import quoted
from aiops.lab.loki.logql.units import duration_text


def text_of(query: Query) -> str:
    """A query as text."""
    match query:
        case LogQuery():
            return _log_query(query)
        case RangeAggregation():
            return _range(query)
        case VectorAggregation():
            parameter = "" if query.parameter is None else f"{query.parameter}, "
            return f"{query.function}{_grouping(query.grouping)}({parameter}{text_of(query.inner)})"
        case Number():
            return _number(query.value)
        case Vector():
            return f"vector({_number(query.value)})"
        case LabelReplace():
            rest = ", ".join(map(quoted, (query.target, query.replacement, query.source, query.pattern)))
            return f"label_replace({text_of(query.inner)}, {rest})"
        case Binary():
            return _binary(query)


def _log_query(query: LogQuery) -> str:
    return " ".join([f"{{{', '.join(map(_matcher, query.matchers))}}}", *map(_stage, query.stages)])


def _matcher(matcher: Matcher) -> str:
    return f"{matcher.name}{matcher.operator}{quoted(matcher.value)}"


def _stage(stage: Stage) -> str:
    match stage:
        case LineFilter():
            return f"{stage.operator} {' or '.join(map(quoted, stage.values))}"
        case Parser():
            flags = "".join(f" {flag}" for flag in stage.flags)
            argument = f" {quoted(stage.argument)}" if stage.kind in ("regexp", "pattern") else ""
            fields = ", ".join(f"{label}={quoted(path)}" for label, path in stage.fields)
            return f"| {stage.kind}{flags}{argument}{' ' if fields else ''}{fields}"
        case LineFormat():
            return f"| line_format {quoted(stage.template)}"
        case LabelFormat():
            parts = [f"{name}={quoted(value) if made else value}" for name, value, made in stage.assignments]
            return f"| label_format {', '.join(parts)}"
        case Choice():
            parts = [name if matcher is None else _matcher(matcher) for name, matcher in stage.labels]
            return f"| {stage.kind} {', '.join(parts)}"
        case _:
            return f"| {_condition(stage)}"


def _condition(condition: LabelCondition) -> str:
    if isinstance(condition, LabelLogic):
        return f"({_condition(condition.left)} {condition.operator} {_condition(condition.right)})"
    return f"{condition.name} {condition.operator} {_value(condition)}"


def _value(comparison: LabelComparison) -> str:
    value = comparison.value
    if isinstance(value, str):
        return quoted(value)
    match comparison.unit:
        case "duration":
            return duration_text(value)
        case "bytes":
            return f"{value:.0f}B"
    return _number(value)


def _range(query: RangeAggregation) -> str:
    parameter = "" if query.parameter is None else f"{_number(query.parameter)}, "
    unwrap = ""
    if query.unwrap is not None:
        label = query.unwrap.label
        label = f"{query.unwrap.conversion}({label})" if query.unwrap.conversion else label
        unwrap = "".join([f" | unwrap {label}", *(f" | {_condition(f)}" for f in query.unwrap.filters)])
    offset = f" offset {duration_text(query.offset)}" if query.offset else ""
    inner = f"{_log_query(query.query)}{unwrap} [{duration_text(query.seconds)}]{offset}"
    return f"{query.function}({parameter}{inner}){_grouping(query.grouping)}"


def _grouping(grouping: Grouping | None) -> str:
    if grouping is None:
        return ""
    return f" {'without' if grouping.without else 'by'} ({', '.join(grouping.labels)}) "


def _binary(query: Binary) -> str:
    operator = f"{query.operator} bool" if query.keep_bool else query.operator
    if query.matching is not None:
        operator += f" {'ignoring' if query.matching.without else 'on'} ({', '.join(query.matching.labels)})"
    return f"({text_of(query.left)} {operator} {text_of(query.right)})"


def _number(value: float) -> str:
    return f"{value:.0f}" if value == int(value) and abs(value) < 1e15 else repr(value)
