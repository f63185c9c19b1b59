"""The part of Prometheus' templates that alert rules use: `{{ $labels.NAME }}`, `{{ $value | humanize }}`."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping

from aiops.core.errors import InvalidInputError
from aiops.lab.promql.formatting import format_float

_ACTION = re.compile(r"\{\{-?\s*(.*?)\s*-?\}\}", re.DOTALL)
_EXPRESSION = re.compile(r"\$(?:labels\.(?P<label>\w+)|(?P<value>value))(?:\s*\|\s*(?P<filter>\w+))?")
_PREFIXES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""), (1e-3, "m"), (1e-6, "u"), (1e-9, "n"))


def _short(value: float) -> str:
    return f"{value:.4g}"


def _humanize(value: float) -> str:
    if value == 0 or not math.isfinite(value):
        return _short(value)
    for size, prefix in _PREFIXES:
        if abs(value) >= size:
            return f"{_short(value / size)}{prefix}"
    return _short(value)


def _humanize_percentage(value: float) -> str:
    return f"{_short(value * 100)}%"


def _humanize_duration(value: float) -> str:
    if not math.isfinite(value) or abs(value) < 60:
        return f"{_humanize(value)}s"
    sign, seconds = ("-" if value < 0 else ""), int(abs(value))
    parts = [(seconds // 86400, "d"), (seconds // 3600 % 24, "h"), (seconds // 60 % 60, "m"), (seconds % 60, "s")]
    while parts[0][0] == 0:
        parts.pop(0)
    return sign + " ".join(f"{number}{unit}" for number, unit in parts)


_FILTERS: dict[str, Callable[[float], str]] = {
    "humanize": _humanize,
    "humanizePercentage": _humanize_percentage,
    "humanizeDuration": _humanize_duration,
}


def check_template(text: str) -> None:
    """Raise `InvalidInputError` where the text holds a template action that `expand` cannot do."""
    for action in _ACTION.findall(text):
        match = _EXPRESSION.fullmatch(action)
        if match is None or (match["filter"] and (match["label"] or match["filter"] not in _FILTERS)):
            raise InvalidInputError(f"template action not supported: {{{{ {action} }}}}")


def expand(text: str, labels: Mapping[str, str], value: float) -> str:
    """Fill in a checked template. A label that is not there is empty."""

    def replace(match: re.Match[str]) -> str:
        action = _EXPRESSION.fullmatch(match[1])
        assert action is not None
        if action["label"]:
            return labels.get(action["label"], "")
        return _FILTERS[action["filter"]](value) if action["filter"] else format_float(value)

    return _ACTION.sub(replace, text)
