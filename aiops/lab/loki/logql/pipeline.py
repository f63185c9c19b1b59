"""Runs the stages of a query over lines."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from aiops.lab.loki.logql.ast import (
    Choice,
    LabelComparison,
    LabelCondition,
    LabelFormat,
    LabelLogic,
    LineFilter,
    LineFormat,
    Parser,
    Stage,
)
from aiops.lab.loki.logql.extracting import extractor
from aiops.lab.loki.logql.patterns import compiled, pattern_expression
from aiops.lab.loki.logql.templates import Template
from aiops.lab.loki.logql.units import bytes_of, seconds_of

ERROR, DETAILS = "__error__", "__error_details__"

_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "==": operator.eq, "!=": operator.ne, ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le,
}  # fmt: skip


@dataclass(slots=True)
class Entry:
    """A line on its way: nanoseconds, its text, its labels, and those of them that its stream has."""

    time: int
    line: str
    labels: dict[str, str]
    stream: Mapping[str, str]


Step = Callable[[Entry], bool]
"""Changes an entry; False where the entry is left out."""


class Pipeline:
    """All stages of a query: first `accepts`, for the filters that need no labels, then `run`, which changes the entry.
    Both answer whether the line is kept."""

    def __init__(self, stages: Sequence[Stage]) -> None:
        leading = _leading(stages)
        self._filters = [_text_filter(stage) for stage in leading]
        self._steps = [_step(stage) for stage in stages[len(leading) :]]

    def accepts(self, line: str) -> bool:
        return all(filtered(line) for filtered in self._filters)

    def run(self, entry: Entry) -> bool:
        return all(step(entry) for step in self._steps)


def _leading(stages: Sequence[Stage]) -> list[LineFilter]:
    found = []
    for stage in stages:
        if not isinstance(stage, LineFilter):
            break
        found.append(stage)
    return found


def _step(stage: Stage) -> Step:
    match stage:
        case LineFilter():
            accepts = _text_filter(stage)
            return lambda entry: accepts(entry.line)
        case Parser():
            return _parser(stage)
        case LineFormat():
            return _line_format(Template(stage.template))
        case LabelFormat():
            return _label_format(stage)
        case Choice():
            return _choice(stage)
    return compile_condition(stage)


def _text_filter(stage: LineFilter) -> Callable[[str], bool]:
    positive = stage.operator[0] == "|"
    if stage.operator[1] in "~>":
        expressions = stage.values if stage.operator[1] == "~" else map(pattern_expression, stage.values)
        patterns = [compiled(expression) for expression in expressions]
        return lambda line: any(p.search(line) for p in patterns) == positive
    if len(stage.values) == 1:
        wanted = stage.values[0]
        return lambda line: (wanted in line) == positive
    values = stage.values
    return lambda line: any(value in line for value in values) == positive


def _parser(stage: Parser) -> Step:
    extract = extractor(stage)

    def run(entry: Entry) -> bool:
        found, error, line = extract(entry.line)
        for name, value in found.items():
            entry.labels[f"{name}_extracted" if name in entry.stream else name] = value
        if line is not None:
            entry.line = line
        if error:
            entry.labels[ERROR] = error
            entry.labels[DETAILS] = f"cannot read the line as {stage.kind}"
        return True

    return run


def _line_format(template: Template) -> Step:
    def run(entry: Entry) -> bool:
        try:
            entry.line = template.write(entry.labels, entry.line, entry.time)
        except ValueError as error:
            entry.labels[ERROR], entry.labels[DETAILS] = "TemplateFormatErr", str(error)
        return True

    return run


def _label_format(stage: LabelFormat) -> Step:
    made = [(name, value, Template(value) if template else None) for name, value, template in stage.assignments]

    def run(entry: Entry) -> bool:
        for name, value, template in made:
            if template is None:
                if value in entry.labels:
                    entry.labels[name] = entry.labels.pop(value)
                continue
            try:
                entry.labels[name] = template.write(entry.labels, entry.line, entry.time)
            except ValueError as error:
                entry.labels[ERROR], entry.labels[DETAILS] = "TemplateFormatErr", str(error)
        return True

    return run


def _choice(stage: Choice) -> Step:
    conditions = [(name, None if m is None else matches(m.operator, m.value)) for name, m in stage.labels]

    def run(entry: Entry) -> bool:
        named = {
            name
            for name, condition in conditions
            if name in entry.labels and (condition is None or condition(entry.labels[name]))
        }
        kept = named | ({ERROR, DETAILS} & entry.labels.keys()) if stage.kind == "keep" else entry.labels.keys() - named
        entry.labels = {name: value for name, value in entry.labels.items() if name in kept}
        return True

    return run


def matches(match_operator: str, text: str) -> Callable[[str], bool]:
    """Whether a label's value is as a condition wants it; a label that is not there has the value ""."""
    wanted = match_operator in ("=", "=~")
    if match_operator in ("=", "!="):
        return lambda value: (value == text) == wanted
    pattern = compiled(text)
    return lambda value: (pattern.fullmatch(value) is not None) == wanted


def compile_condition(condition: LabelCondition) -> Step:
    """A condition on labels as a step."""
    if isinstance(condition, LabelLogic):
        left, right = compile_condition(condition.left), compile_condition(condition.right)
        if condition.operator == "and":
            return lambda entry: left(entry) and right(entry)
        return lambda entry: left(entry) or right(entry)
    if isinstance(condition.value, str):
        name, accepts = condition.name, matches(condition.operator, condition.value)
        return lambda entry: accepts(entry.labels.get(name, ""))
    return _measured(condition, condition.value)


def _measured(condition: LabelComparison, wanted: float) -> Step:
    compare = _COMPARE[condition.operator]

    def run(entry: Entry) -> bool:
        if ERROR in entry.labels:
            return True  # only conditions on texts can leave out what has an error
        text = entry.labels.get(condition.name)
        if text is None:
            return False
        value = converted(text, condition.unit)
        if value is None:
            entry.labels[ERROR] = "LabelFilterErr"
            entry.labels[DETAILS] = f"cannot read {text!r} as a {condition.unit}"
            return True
        return compare(value, wanted)

    return run


def converted(text: str, unit: str) -> float | None:
    """A label's value as a number; None where it is none."""
    if unit in ("duration", "duration_seconds"):
        return seconds_of(text)
    if unit == "bytes":
        return bytes_of(text)
    try:
        return float(text)
    except ValueError:
        return None
