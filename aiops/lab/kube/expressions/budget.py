"""What all expressions of one request may cost together: many rules at many places add up, however cheap each is.

Kubernetes gives ten times the limit of one expression to an object, and as much to a policy (`RuntimeCELCostBudget`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

MOST_IN_ALL = 8_000_000
"""Steps, as `costs` counts them: about four seconds."""


@dataclass(slots=True)
class Budget:
    """The steps that are left."""

    left: int = MOST_IN_ALL

    def spend(self, steps: int) -> bool:
        """Take steps off. False where there were not enough: nothing else can be paid for either then."""
        self.left = self.left - steps if self.left >= steps else 0
        return self.left > 0


_PRESENT: ContextVar[Budget] = ContextVar("budget")
"""The present request's; each task has its own. What no request asks for, such as writes of controllers, has none."""


def present_budget() -> Budget:
    """The budget of the request that is being answered; elsewhere one for this expression alone."""
    return _PRESENT.get(None) or Budget()


@contextmanager
def one_budget() -> Iterator[Budget]:
    """Let everything inside live on one budget."""
    budget = Budget()
    before = _PRESENT.set(budget)
    try:
        yield budget
    finally:
        _PRESENT.reset(before)
