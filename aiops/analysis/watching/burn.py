"""How fast a service uses up its error budget, over several windows at once.

The multiwindow, multi-burn-rate alerts of Beyer et al., "The Site Reliability Workbook" (2018), chapter 5: the long
window says that it matters, the short one that it still goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

MINUTE, HOUR = 60.0, 3600.0


@dataclass(frozen=True, slots=True)
class BurnRule:
    """`rate` times as fast as the budget of 30 days allows, over both windows (seconds)."""

    rate: float
    long: float
    short: float

    @property
    def spans(self) -> tuple[float, float]:
        """Both windows, the one that is cheaper to sum first."""
        return self.short, self.long


PAGES = (BurnRule(14.4, HOUR, 5 * MINUTE), BurnRule(6.0, 6 * HOUR, 30 * MINUTE))
"""Two and five percent of a month's budget, as the book has them for what wakes people."""


def burning(ratio: Callable[[float], float | None], objective: float) -> BurnRule | None:
    """The first rule that holds. `ratio(seconds)` is the share of the requests of the last so many seconds that
    failed, None where there were none; `objective` the share that is promised to succeed, below 1."""
    budget = 1.0 - objective
    return next((rule for rule in PAGES if all(_exceeds(ratio(span), rule, budget) for span in rule.spans)), None)


def _exceeds(ratio: float | None, rule: BurnRule, budget: float) -> bool:
    return ratio is not None and ratio >= rule.rate * budget
