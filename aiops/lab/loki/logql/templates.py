"""The templates of `line_format` and `label_format`: Go's text/template with fields, pipes and functions on texts."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from aiops.lab.loki.logql.errors import ParseError
from aiops.lab.loki.logql.patterns import compiled, expanded

_ACTION = re.compile(r"\{\{-?\s*(.*?)\s*-?\}\}", re.DOTALL)
_WORD = re.compile(r'\s*("(?:[^"\\]|\\.)*"|`[^`]*`|\.[A-Za-z_][A-Za-z0-9_]*|\.|[A-Za-z_][A-Za-z0-9_]*|-?\d+|\|)')
_LINE, _TIME = "__line__", "__timestamp__"


def _all_replaced(pattern: str, text: str, new: str) -> str:
    replaced: str = compiled(pattern).sub(lambda found: expanded(found, new), text)
    return replaced


_FUNCTIONS: dict[str, tuple[int, Callable[..., str]]] = {
    "ToLower": (1, str.lower),
    "lower": (1, str.lower),
    "ToUpper": (1, str.upper),
    "upper": (1, str.upper),
    "trim": (1, str.strip),
    "TrimSpace": (1, str.strip),
    "title": (1, str.title),
    "Trim": (2, lambda text, cut: text.strip(cut)),
    "TrimPrefix": (2, lambda text, start: text.removeprefix(start)),
    "TrimSuffix": (2, lambda text, end: text.removesuffix(end)),
    "trimPrefix": (2, lambda start, text: text.removeprefix(start)),
    "trimSuffix": (2, lambda end, text: text.removesuffix(end)),
    "replace": (3, lambda old, new, text: text.replace(old, new)),
    "default": (2, lambda other, text: text or other),
    "trunc": (2, lambda count, text: _truncated(int(count), text)),
    "substr": (3, lambda start, end, text: text[max(int(start), 0) : int(end) if int(end) >= 0 else None]),
    "regexReplaceAll": (3, _all_replaced),
}
"""Name -> (how many arguments, the function); a pipe gives the last one."""


class Template:
    """A template that is read once and written often. Raises `ParseError` where it is none."""

    def __init__(self, text: str) -> None:
        self._parts: list[str | list[list[str]]] = []
        position = 0
        for action in _ACTION.finditer(text):
            self._parts.append(text[position : action.start()])
            self._parts.append(_pipeline(action[1]))
            position = action.end()
        if "{{" in text[position:]:
            raise ParseError("invalid line template: template: line:1: unclosed action")
        self._parts.append(text[position:])

    def write(self, labels: Mapping[str, str], line: str, nanoseconds: int) -> str:
        """The text for a line. Raises `ValueError` where a function cannot take its arguments."""
        return "".join(part if isinstance(part, str) else _run(part, labels, line, nanoseconds) for part in self._parts)


def _truncated(count: int, text: str) -> str:
    return text[:count] if count >= 0 else text[count:]


def _pipeline(text: str) -> list[list[str]]:
    """The commands of an action, each a list of words."""
    commands: list[list[str]] = [[]]
    position = 0
    while position < len(text):
        word = _WORD.match(text, position)
        if word is None:
            raise ParseError(f"invalid line template: template: line:1: unexpected {text[position:][:10]!r} in operand")
        if word[1] == "|":
            commands.append([])
        else:
            commands[-1].append(word[1])
        position = word.end()
        if not text[position:].strip():
            break
    for number, command in enumerate(commands):
        _check(command, piped=number > 0)
    return commands


def _check(command: list[str], *, piped: bool) -> None:
    if not command:
        raise ParseError("invalid line template: template: line:1: missing value for command")
    head = command[0]
    if head[0] in '".`-' or head[0].isdigit():
        if len(command) > 1 or piped:
            raise ParseError(f"invalid line template: template: line:1: can't give argument to non-function {head}")
        return
    if head in (_LINE, _TIME):
        return
    if head not in _FUNCTIONS:
        raise ParseError(f'invalid line template: template: line:1: function "{head}" not defined')
    count = len(command) - 1 + piped
    if count != _FUNCTIONS[head][0]:
        raise ParseError(f"invalid line template: wrong number of args for {head}: want {_FUNCTIONS[head][0]}")


def _run(commands: list[list[str]], labels: Mapping[str, str], line: str, nanoseconds: int) -> str:
    value: str | None = None
    for command in commands:
        words = [_value(word, labels, line, nanoseconds) for word in command[1:]]
        head = command[0]
        if head in _FUNCTIONS:
            value = _FUNCTIONS[head][1](*words, *([] if value is None else [value]))
        else:
            value = _value(head, labels, line, nanoseconds)
    return value or ""


def _value(word: str, labels: Mapping[str, str], line: str, nanoseconds: int) -> str:
    if word[0] in '"`':
        body = word[1:-1]
        return body if word[0] == "`" else re.sub(r"\\(.)", _unescaped, body)
    if word[0] == ".":
        return labels.get(word[1:], "")
    if word == _LINE:
        return line
    return str(nanoseconds) if word == _TIME else word


def _unescaped(escape: re.Match[str]) -> str:
    return {"n": "\n", "t": "\t"}.get(escape[1], escape[1])
