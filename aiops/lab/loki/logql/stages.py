"""Reads the stages of a pipeline, and what all readers need of the tokens."""

from __future__ import annotations

from collections.abc import Sequence

from aiops.lab.loki.logql.ast import (
    Choice,
    Grouping,
    LabelComparison,
    LabelCondition,
    LabelFormat,
    LabelLogic,
    LineFilter,
    LineFormat,
    Matcher,
    MatchOperator,
    Parser,
    Stage,
    Unwrap,
)
from aiops.lab.loki.logql.errors import ParseError
from aiops.lab.loki.logql.extracting import check_expression, check_pattern
from aiops.lab.loki.logql.lexer import Token, place
from aiops.lab.loki.logql.patterns import compiled
from aiops.lab.loki.logql.templates import Template
from aiops.lab.loki.logql.units import bytes_of, seconds_of

_LINE_FILTERS = ("|=", "!=", "|~", "!~")
_CONVERSIONS = ("duration", "duration_seconds", "bytes")
_FLAGS = ("--strict", "--keep-empty")
_MATCHES: dict[str, MatchOperator] = {"=": "=", "!=": "!=", "=~": "=~", "!~": "!~"}
_COMPARISONS = ("=", "==", "!=", ">", ">=", "<", "<=")


class TokenReader:
    """The tokens of a query with a place among them."""

    def __init__(self, tokens: Sequence[Token], text: str) -> None:
        self._tokens = tokens
        self._text = text
        self._at = 0

    @property
    def here(self) -> Token:
        return self._tokens[self._at]

    def take(self) -> Token:
        token = self.here
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token

    def taken(self, text: str) -> bool:
        """Take the next token if it is this word or operator."""
        if self.here.text != text or self.here.kind not in ("word", "operator"):
            return False
        self.take()
        return True

    def expect(self, text: str) -> None:
        if not self.taken(text):
            raise self.unexpected(expecting=text)

    def unexpected(self, token: Token | None = None, expecting: str = "") -> ParseError:
        """The error of a token that cannot stand where it does."""
        token = token or self.here
        more = f", expecting {expecting}" if expecting else ""
        return ParseError(f"syntax error: unexpected {token.name}{more}", *self.place(token))

    def place(self, token: Token) -> tuple[int, int]:
        return place(self._text, token.position)

    def string(self) -> str:
        if self.here.kind != "string":
            raise self.unexpected(expecting="STRING")
        return self.take().text

    def word(self) -> str:
        if self.here.kind != "word":
            raise self.unexpected(expecting="IDENTIFIER")
        return self.take().text

    def number(self) -> float:
        sign = -1.0 if self.taken("-") else 1.0
        if sign > 0:
            self.taken("+")
        if self.here.kind != "number":
            raise self.unexpected(expecting="NUMBER")
        text = self.take().text
        return sign * (float(int(text, 16)) if text[:2] in ("0x", "0X") else float(text))

    def labels(self) -> tuple[str, ...]:
        """Names in parentheses."""
        self.expect("(")
        found: list[str] = []
        while not self.taken(")"):
            if found:
                self.expect(",")
            found.append(self.word())
        return tuple(found)

    def grouping(self) -> Grouping | None:
        if self.here.kind != "word" or self.here.text not in ("by", "without"):
            return None
        without = self.take().text == "without"
        return Grouping(self.labels(), without)

    def matcher(self) -> Matcher:
        name = self.word()
        operator = _MATCHES.get(self.here.text) if self.here.kind == "operator" else None
        if operator is None:
            raise self.unexpected(expecting="= or != or =~ or !~")
        self.take()
        return Matcher(name, operator, self.pattern_or_text(operator))

    def pattern_or_text(self, operator: str) -> str:
        value = self.string()
        if operator in ("=~", "!~", "|~"):
            compiled(value)
        return value


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
            case "|=" | "!=" | "|~" | "!~":
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
            if following.kind == "operator" and following.text in _MATCHES:
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
        if token.kind != "operator" or operator not in (*_MATCHES, *_COMPARISONS):
            raise self.unexpected(token)
        if self.here.kind == "string":
            if operator not in _MATCHES:
                raise self.unexpected(self.here)
            return LabelComparison(name, operator, self.pattern_or_text(operator), "string")
        if operator in ("=~", "!~"):
            raise self.unexpected(expecting="STRING")
        return self._measured(name, "==" if operator == "=" else operator)

    def _measured(self, name: str, operator: str) -> LabelComparison:
        token = self.here
        if token.kind == "duration":
            return LabelComparison(name, operator, seconds_of(self.take().text) or 0.0, "duration")
        if token.kind == "bytes":
            return LabelComparison(name, operator, bytes_of(self.take().text) or 0.0, "bytes")
        return LabelComparison(name, operator, self.number(), "number")
