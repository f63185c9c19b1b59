"""Reads the stages of a pipeline."""

from __future__ import annotations

from aiops.lab.loki.logql.ast import (
    Choice,
    LabelComparison,
    LabelCondition,
    LabelFormat,
    LabelLogic,
    LineFilter,
    LineFormat,
    Matcher,
    Parser,
    Stage,
    Unwrap,
)
from aiops.lab.loki.logql.errors import ParseError
from aiops.lab.loki.logql.extracting import check_expression, check_pattern
from aiops.lab.loki.logql.patterns import compiled
from aiops.lab.loki.logql.reading import MATCHES, TokenReader
from aiops.lab.loki.logql.templates import Template
from aiops.lab.loki.logql.units import bytes_of, seconds_of

_LINE_FILTERS = ("|=", "!=", "|~", "!~", "|>", "!>")
_CONVERSIONS = ("duration", "duration_seconds", "bytes")
_FLAGS = ("--strict", "--keep-empty")
_COMPARISONS = ("=", "==", "!=", ">", ">=", "<", "<=")


class StageReader(TokenReader):
    """Reads pipelines."""

    def pipeline(self) -> tuple[tuple[Stage, ...], Unwrap | None]:
        """All stages, and the `unwrap` that ends them where there is one."""
        stages: list[Stage] = []
        while self.here.kind == "operator" and self.here.text in ("|", *_LINE_FILTERS):
            if self.here.text in _LINE_FILTERS:
                stages.append(self._line_filter())
                continue
            self.take()
            if self.taken("unwrap"):
                return tuple(stages), self._unwrap()
            stages.append(self._stage())
        return tuple(stages), None

    def _line_filter(self) -> LineFilter:
        operator = self.take().text
        values = [self.pattern_or_text(operator)]
        while self.taken("or"):
            values.append(self.pattern_or_text(operator))
        match operator:
            case "|=" | "!=" | "|~" | "!~" | "|>" | "!>":
                return LineFilter(operator, tuple(values))
        raise self.unexpected()

    def _stage(self) -> Stage:
        token = self.here
        if token.kind != "word":
            return self._condition()
        match token.text:
            case "json":
                self.take()
                return Parser("json", fields=self._fields())
            case "logfmt":
                self.take()
                flags = self._logfmt_flags()
                return Parser("logfmt", fields=self._fields(), flags=flags)
            case "regexp" | "pattern":
                return self._extraction(self.take().text)
            case "unpack" | "decolorize":
                return Parser(self.take().text)
            case "line_format":
                self.take()
                return LineFormat(self._template())
            case "label_format":
                self.take()
                return self._label_format()
            case "drop" | "keep" as kind:
                self.take()
                return Choice(kind, self._choices())
        return self._condition()

    def _logfmt_flags(self) -> tuple[str, ...]:
        found: list[str] = []
        while self.here.kind == "flag":
            token = self.take()
            if token.text not in _FLAGS:
                raise self.unexpected(token)
            found.append(token.text)
        return tuple(found)

    def _fields(self) -> tuple[tuple[str, str], ...]:
        found: list[tuple[str, str]] = []
        while self.here.kind == "word":
            name = self.take().text
            path = self.string() if self.taken("=") else name
            check_expression(path)
            found.append((name, path))
            if not self.taken(","):
                break
        return tuple(found)

    def _extraction(self, kind: str) -> Parser:
        expression = self.string()
        if kind == "pattern":
            check_pattern(expression)
        elif not compiled(expression).groupindex:
            raise ParseError("at least one named capture must be supplied")
        return Parser(kind, expression)

    def _template(self) -> str:
        text = self.string()
        Template(text)  # what cannot be written is an error of the query
        return text

    def _label_format(self) -> LabelFormat:
        found: list[tuple[str, str, bool]] = []
        while True:
            name = self.word()
            self.expect("=")
            made = self.here.kind == "string"
            found.append((name, self._template() if made else self.word(), made))
            if not self.taken(","):
                break
        names = [name for name, _, _ in found]
        for name in names:
            if names.count(name) > 1:
                raise ParseError(f"multiple label name '{name}' not allowed in a single format operation")
        return LabelFormat(tuple(found))

    def _choices(self) -> tuple[tuple[str, Matcher | None], ...]:
        found: list[tuple[str, Matcher | None]] = []
        while True:
            following = self._tokens[min(self._at + 1, len(self._tokens) - 1)]
            if following.kind == "operator" and following.text in MATCHES:
                matcher = self.matcher()
                found.append((matcher.name, matcher))
            else:
                found.append((self.word(), None))
            if not self.taken(","):
                return tuple(found)

    def _unwrap(self) -> Unwrap:
        label, conversion = self.word(), ""
        if label in _CONVERSIONS and self.taken("("):
            conversion, label = label, self.word()
            self.expect(")")
        filters: list[LabelCondition] = []
        while self.here.kind == "operator" and self.here.text == "|":
            self.take()
            filters.append(self._condition())
        return Unwrap(label, conversion, tuple(filters))

    def _condition(self) -> LabelCondition:
        """Conditions joined by `or`, and tighter by `and`, a comma or nothing."""
        left = self._conjunction()
        while self.taken("or"):
            left = LabelLogic("or", left, self._conjunction())
        return left

    def _conjunction(self) -> LabelCondition:
        left = self._single_condition()
        while self.taken("and") or self.taken(","):
            left = LabelLogic("and", left, self._single_condition())
        return left

    def _single_condition(self) -> LabelCondition:
        if self.taken("("):
            inner = self._condition()
            self.expect(")")
            return inner
        name, token = self.word(), self.take()
        operator = token.text
        if token.kind != "operator" or operator not in (*MATCHES, *_COMPARISONS):
            raise self.unexpected(token)
        if self.here.kind == "string":
            if operator not in MATCHES:
                raise self.unexpected(self.here)
            return LabelComparison(name, operator, self.pattern_or_text(operator), "string")
        if operator in ("=~", "!~"):
            raise self.unexpected(expecting="STRING")
        return self._measured(name, "==" if operator == "=" else operator)

    def _measured(self, name: str, operator: str) -> LabelComparison:
        token = self.here
        if token.kind == "duration":
            seconds = seconds_of(self.take().text)
            if seconds is None:
                raise self.unexpected(token)
            return LabelComparison(name, operator, seconds, "duration")
        if token.kind == "bytes":
            return LabelComparison(name, operator, bytes_of(self.take().text) or 0.0, "bytes")
        return LabelComparison(name, operator, self.number(), "number")
