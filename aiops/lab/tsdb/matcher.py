"""One condition on a label, as in a selector: `job="api"`, `status=~"5.."`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import re2

from aiops.core.errors import InvalidInputError

_QUIET = re2.Options()
_QUIET.log_errors = False

Op = Literal["=", "!=", "=~", "!~"]


@dataclass(frozen=True, slots=True)
class Matcher:
    """A label that is not there has the value "". Regular expressions are anchored at both ends."""

    name: str
    op: Op
    value: str
    _regex: Any = field(init=False, repr=False, compare=False, default=None)

    def __post_init__(self) -> None:
        if self.op in ("=~", "!~"):
            object.__setattr__(self, "_regex", compile_anchored(self.value))

    def __reduce__(self) -> tuple[type[Matcher], tuple[str, Op, str]]:
        return Matcher, (self.name, self.op, self.value)

    def matches(self, value: str) -> bool:
        found = self.value == value if self._regex is None else self._regex.fullmatch(value) is not None
        return found == (self.op in ("=", "=~"))


def compile_anchored(pattern: str) -> Any:
    """Compile a pattern for `fullmatch`, in RE2's language as Prometheus has it: a match takes linear time, whoever
    wrote the pattern. Raises `InvalidInputError` where it is none."""
    try:
        return re2.compile(pattern, _QUIET)
    except re2.error as error:
        raise InvalidInputError(f"error parsing regexp {pattern!r}: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    reason = error.args[0] if error.args else ""
    return reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
