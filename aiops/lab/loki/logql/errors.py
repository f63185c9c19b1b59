"""What is wrong with a query, in Loki's words."""

from __future__ import annotations

from aiops.core.errors import InvalidInputError


class ParseError(InvalidInputError):
    """The text is no query. `line` and `column` count from 1; both 0 where the whole query is meant."""

    def __init__(self, message: str, line: int = 0, column: int = 0) -> None:
        place = f" at line {line}, col {column}" if line else " "
        super().__init__(f"parse error{place}: {message}")


class PipelineError(InvalidInputError):
    """A line of a metric query has an error that no filter took out."""

    def __init__(self, kind: str, series: str) -> None:
        super().__init__(
            f"pipeline error: '{kind}' for series: '{series}'.\n"
            f'Use a label filter to intentionally skip this error. (e.g | __error__!="{kind}").\n'
            'To skip all potential errors you can match empty errors.(e.g __error__="")\n'
            "The label filter can also be specified after unwrap. "
            '(e.g | unwrap latency | __error__="" )\n'
        )
