"""One condition on a label, as in a selector: `job="api"`, `status=~"5.."`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from aiops.core.errors import InvalidInputError

Op = Literal["=", "!=", "=~", "!~"]


@dataclass(frozen=True, slots=True)
class Matcher:
    """A label that is not there has the value "". Regular expressions are anchored at both ends."""

    name: str
    op: Op
    value: str
    _regex: re.Pattern[str] | None = field(init=False, repr=False, compare=False, default=None)

    def __post_init__(self) -> None:
        if self.op in ("=~", "!~"):
            object.__setattr__(self, "_regex", compile_anchored(self.value))

    def matches(self, value: str) -> bool:
        found = self.value == value if self._regex is None else self._regex.fullmatch(value) is not None
        return found == (self.op in ("=", "=~"))


def compile_anchored(pattern: str) -> re.Pattern[str]:
    """Compile a pattern for `fullmatch`. Raises `InvalidInputError` where it is none."""
    try:
        return re.compile(pattern)
    except re.error as error:
        raise InvalidInputError(f"invalid regular expression {pattern!r}: {error}") from error
