"""Who reads the characters of YAML: libyaml, of which the API server's library is a port; where PyYAML was built
without it, PyYAML itself, which takes several times as long."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml
from yaml.composer import Composer

_MOST_OPEN = 500
"""Flow collections that are open at once: PyYAML's scanner looks at all of them at each token."""

_WORDS = (
    ("expected ',' or ']'", "did not find expected ',' or ']'"),
    ("expected ',' or '}'", "did not find expected ',' or '}'"),
    ("mapping values are not allowed", "mapping values are not allowed in this context"),
    ("that cannot start any token", "found character that cannot start any token"),
    ("unexpected end of stream", "found unexpected end of stream"),
    ("expected the node content", "did not find expected node content"),
    ("could not find expected ':'", "could not find expected ':'"),
    ("expected <block end>", "did not find expected key"),
    ("expected alphabetic or numeric", "could not find expected directive name"),
)
"""(a part of PyYAML's message, the words of libyaml)."""


class PlainLoader(yaml.SafeLoader):
    """PyYAML's own."""

    def fetch_flow_collection_start(self, TokenClass: Any) -> None:  # noqa: N803 - PyYAML's name
        if self.flow_level >= _MOST_OPEN:
            raise RecursionError
        super().fetch_flow_collection_start(TokenClass)


if TYPE_CHECKING or not yaml.__with_libyaml__:
    YamlLoader = PlainLoader
else:

    class YamlLoader(Composer, yaml.CSafeLoader):
        """libyaml's. Its nodes are put together by PyYAML, as libyaml itself may use up the stack."""

        def __init__(self, content: bytes) -> None:
            yaml.CSafeLoader.__init__(self, content)
            Composer.__init__(self)


def go_words(error: yaml.YAMLError) -> str:
    """What is wrong with a text, as the server's library tells it (`parser.fail` of go-yaml)."""
    if not isinstance(error, yaml.MarkedYAMLError) or not error.problem:
        return str(error)
    problem = error.problem
    if "found undefined alias" in problem:
        return f"unknown anchor {problem.rpartition(' ')[2]} referenced"
    words = next((words for part, words in _WORDS if part in problem), problem)
    line = _line(error, problem)
    return f"line {line}: {words}" if line else words


def _line(error: yaml.MarkedYAMLError, problem: str) -> int:
    """The line that is told; none where something is wrong with the first."""
    mark, context = error.problem_mark, error.context_mark
    line = mark.line if mark else 0
    if mark and "<stream end>" in problem and mark.column:
        line += 1  # libyaml ends a text with a line of its own
    if line:
        return line + isinstance(error, yaml.scanner.ScannerError)
    return context.line if context else 0
