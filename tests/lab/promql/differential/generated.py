"""Queries made up by chance from the grammar, the same ones for the same seed."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

GAUGES = (
    "node_temperature_celsius",
    'node_temperature_celsius{zone="east"}',
    "node_memory_bytes",
    'node_memory_bytes{kind="free"}',
    "node_load1",
    'node_load1{node=~"a|c"}',
    "odd",
    'odd{kind=~"n.*|t.*"}',
    "angle",
    "rare",
    "flap",
    "turn",
    "node_info",
    "nothing",
)
COUNTERS = (
    "http_requests_total",
    'http_requests_total{code=~"5.."}',
    'http_requests_total{service!="cart"}',
    "http_request_duration_seconds_sum",
    'http_request_duration_seconds_bucket{service="geo"}',
    "rising_total",
    "flap",
    "turn",
    "jump",
)
WINDOWS = ("30s", "45s", "1m", "100s", "3m", "5m", "17m")
STEPS = ("", "15s", "30s", "47s", "1m")
NUMBERS = ("0", "1", "-1", "0.5", "2", "3", "10", "1e3", "-0.1", "Inf", "NaN", "1e-7")
LABELS = ("node", "zone", "service", "code", "instance", "kind", "i", "pod", "job")
SHIFTS = (" offset 1m", " offset -2m", " offset 7m", " @ 1700001500", " @ start()", " @ end()", " @ end() offset 3m")
RATES = ("rate", "increase", "irate", "delta", "idelta", "resets", "changes", "deriv")
OVER_TIME = ("avg", "min", "max", "sum", "count", "last", "present", "stddev", "stdvar")
AGGREGATIONS = ("sum", "avg", "min", "max", "count", "group", "stddev", "stdvar")
MATH = (
    "abs",
    "ceil",
    "floor",
    "exp",
    "sqrt",
    "ln",
    "log2",
    "log10",
    "sgn",
    "sin",
    "cos",
    "tanh",
    "deg",
    "rad",
    "round",
)
CALENDAR = ("hour", "minute", "month", "day_of_week", "day_of_month", "day_of_year", "days_in_month", "year")
ARITHMETIC = ("+", "-", "*", "/", "%", "^", "atan2")
COMPARISONS = ("==", "!=", "<", ">", "<=", ">=")


class Generator:
    """Vectors, scalars and ranges, to a depth."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def query(self) -> str:
        return self.vector(self._random.choice((1, 2, 2, 3)))

    def vector(self, depth: int) -> str:
        if depth == 0:
            return self._selector(self._one(GAUGES + COUNTERS))
        kinds: tuple[Callable[[int], str], ...] = (
            self._rate, self._rate, self._over_time, self._over_time, self._aggregation, self._aggregation,
            self._function, self._function, self._binary, self._binary, self._set, self._comparison, self._labels,
        )  # fmt: skip
        return self._one(kinds)(depth - 1)

    def scalar(self, depth: int) -> str:
        if depth == 0 or self._chance(0.6):
            return self._one((*NUMBERS, "time()", "pi()"))
        return self._one(
            (
                lambda: f"scalar({self.vector(depth - 1)})",
                lambda: f"({self.scalar(depth - 1)} {self._one(ARITHMETIC)} {self.scalar(depth - 1)})",
                lambda: f"-{self.scalar(depth - 1)}",
            )
        )()

    def _one(self, choices: tuple):  # type: ignore[type-arg, no-untyped-def]
        return self._random.choice(choices)

    def _chance(self, probability: float) -> bool:
        return self._random.random() < probability

    def _selector(self, text: str) -> str:
        return text + self._one(SHIFTS) if self._chance(0.15) else text

    def _names(self) -> str:
        return ", ".join(self._random.sample(LABELS, self._random.randint(0, 2)))

    def _range(self, depth: int, choices: tuple[str, ...]) -> str:
        window = self._one(WINDOWS)
        if depth == 0 or self._chance(0.6):
            shift = self._one(SHIFTS) if self._chance(0.15) else ""
            return f"{self._one(choices)}[{window}]{shift}"
        shift = self._one(SHIFTS) if self._chance(0.1) else ""
        return f"({self.vector(depth - 1)})[{window}:{self._one(STEPS)}]{shift}"

    def _rate(self, depth: int) -> str:
        return f"{self._one(RATES)}({self._range(depth, COUNTERS)})"

    def _over_time(self, depth: int) -> str:
        inner = self._range(depth, GAUGES)
        if self._chance(0.1):
            return f"quantile_over_time({self._one(NUMBERS)}, {inner})"
        if self._chance(0.1):
            if "@" in inner:  # of such Prometheus 2.42 moves the window with the steps, an error of its own
                inner = f"{self._one(GAUGES)}[{self._one(WINDOWS)}]"
            return f"predict_linear({inner}, {self.scalar(0)})"
        if self._chance(0.1):
            return f"holt_winters({inner}, 0.{self._random.randint(1, 9)}, 0.{self._random.randint(1, 9)})"
        if self._chance(0.05):
            return f"absent_over_time({inner})"
        return f"{self._one(OVER_TIME)}_over_time({inner})"

    def _aggregation(self, depth: int) -> str:
        clause = self._one(("", f" by ({self._names()})", f" without ({self._names()})"))
        inner = self.vector(depth)
        if self._chance(0.1):
            return f"quantile{clause} ({self.scalar(depth)}, {inner})"
        if self._chance(0.08):
            return f'count_values{clause} ("v", floor({inner}))'
        if self._chance(0.08):  # equal values are chosen from by chance, so only of those that differ
            return f"{self._one(('topk', 'bottomk'))}{clause} ({self._one(('1', '2', '3'))}, node_temperature_celsius)"
        return f"{self._one(AGGREGATIONS)}{clause} ({inner})"

    def _function(self, depth: int) -> str:
        inner = self.vector(depth)
        return self._one(
            (
                lambda: f"{self._one(MATH)}({inner})",
                lambda: f"{self._one(MATH)}({inner})",
                # of what is no date the processor decides
                lambda: f"{self._one(CALENDAR)}({self._one(GAUGES[:3])} * {self._one(('1', '1e-3', '1e3'))})",
                lambda: f"round({inner}, {self.scalar(0)})",
                lambda: f"clamp({inner}, {self.scalar(0)}, {self.scalar(0)})",
                lambda: f"clamp_min({inner}, {self.scalar(depth)})",
                lambda: f"clamp_max({inner}, {self.scalar(depth)})",
                lambda: f"absent({inner})",
                lambda: f"timestamp({inner})",
                lambda: f"-{inner}" if inner[0].isalpha() else f"-({inner})",
                lambda: f"sort({inner})",
                lambda: f"vector({self.scalar(depth)})",
                lambda: f"histogram_quantile({self.scalar(0)}, {inner})",
                lambda: "histogram_quantile(0.9, rate(http_request_duration_seconds_bucket[3m]))",
            )
        )()

    def _labels(self, depth: int) -> str:
        inner, target, source = self.vector(depth), self._one((*LABELS, "new", "__name__")), self._one(LABELS)
        if self._chance(0.3):
            return f'label_join({inner}, "{target}", "-", "{source}", "{self._one(LABELS)}")'
        replacement, pattern = self._one((("$1", "(.*)"), ("x$1y", "([a-f]+).*"), ("fixed", ".+"), ("", ".*")))
        return f'label_replace({inner}, "{target}", "{replacement}", "{source}", "{pattern}")'

    def _matching(self, depth: int, group: bool) -> str:
        if self._chance(0.5):
            return ""
        clause = f"{self._one(('on', 'ignoring'))} ({self._names()})"
        if group and self._chance(0.5):
            clause += f" {self._one(('group_left', 'group_right'))} ({self._one(('', 'version', 'new'))})"
        return clause

    def _binary(self, depth: int) -> str:
        operator = self._one(ARITHMETIC)
        if self._chance(0.4):
            pair = (self.vector(depth), self.scalar(depth))
            left, right = pair if self._chance(0.5) else pair[::-1]
            return f"({left} {operator} {right})"
        left = self.vector(depth)
        right = left if self._chance(0.4) else self.vector(depth)
        return f"({left} {operator} {self._matching(depth, group=True)} {right})"

    def _comparison(self, depth: int) -> str:
        operator = self._one(COMPARISONS) + (" bool" if self._chance(0.4) else "")
        if self._chance(0.6):
            return f"({self.vector(depth)} {operator} {self.scalar(depth)})"
        left = self.vector(depth)
        right = left if self._chance(0.4) else self.vector(depth)
        return f"({left} {operator} {self._matching(depth, group=True)} {right})"

    def _set(self, depth: int) -> str:
        operator = self._one(("and", "or", "unless"))
        return f"({self.vector(depth)} {operator} {self._matching(depth, group=False)} {self.vector(depth)})"
