"""Token budgets: never more than the limit, whatever is asked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.clients.models.budget import Budget, Prices, estimate
from aiops.clients.models.errors import BudgetSpentError

COUNT = st.integers(0, 5_000)


@given(st.integers(0, 20_000), st.lists(st.tuples(COUNT, st.integers(1, 5_000), COUNT), max_size=20))
def test_what_is_allowed_never_exceeds_the_limit(limit: int, calls: list[tuple[int, int, int]]) -> None:
    budget = Budget(limit)
    for prompt, wanted, said in calls:
        try:
            allowed = budget.reserve(prompt, wanted)
        except BudgetSpentError:
            continue
        assert 0 < allowed <= wanted
        budget.charge(prompt, min(said, allowed), 0.1)
        assert budget.usage.tokens <= limit
    assert budget.left == limit - budget.usage.tokens


def test_what_was_spent_before_counts() -> None:
    budget = Budget(1_000, spent=900)
    assert (budget.left, budget.usage.tokens) == (100, 0)
    with pytest.raises(BudgetSpentError, match="100 of 1000 tokens are left"):
        budget.reserve(90, 500)


def test_no_tokens_no_calls() -> None:
    with pytest.raises(BudgetSpentError):
        Budget(0).reserve(0, 1)


def test_money_needs_prices() -> None:
    budget = Budget(10_000, prices=Prices(tokens_in=2.0, tokens_out=10.0))
    budget.charge(1_000, 100, 1.5)
    budget.charge(1_000, 100, 1.5)
    assert budget.usage.cost == pytest.approx(0.006)
    assert (budget.usage.calls, budget.usage.seconds) == (2, 3.0)
    free = Budget(10_000)
    free.charge(1_000, 100, 1.5)
    assert free.usage.cost is None


@given(st.text())
def test_an_estimate_is_rather_too_high(text: str) -> None:
    assert estimate(text) >= len(text) // 4
