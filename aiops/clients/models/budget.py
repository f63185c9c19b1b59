"""How many tokens a piece of work may take, and what it took."""

from __future__ import annotations

from pydantic import Field

from aiops.clients.models.errors import BudgetSpentError
from aiops.core.model import Value

SHORTEST_REPLY = 32
"""Tokens below which a reply cannot hold anything useful, so that the call is not made."""

BYTES_A_TOKEN = 3
"""UTF-8 bytes a token where nobody counted: low, so that an estimate is rather too high."""

MILLION = 1e6


class Prices(Value):
    """What a million tokens cost, in any one currency."""

    tokens_in: float = Field(ge=0)
    tokens_out: float = Field(ge=0)


class Usage(Value):
    """What calls took. `seconds` are wall seconds; `cost` is None where no prices are known."""

    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    seconds: float = 0.0
    cost: float | None = None

    @property
    def tokens(self) -> int:
        return self.tokens_in + self.tokens_out


class Budget:
    """At most `limit` tokens, of which `spent` are gone already. `usage` counts what was taken from this budget."""

    def __init__(self, limit: int, *, spent: int = 0, prices: Prices | None = None) -> None:
        self._limit = limit
        self._before = spent
        self._prices = prices
        self._usage = Usage(cost=0.0 if prices else None)

    @property
    def usage(self) -> Usage:
        return self._usage

    @property
    def left(self) -> int:
        return max(self._limit - self._before - self._usage.tokens, 0)

    def reserve(self, prompt_tokens: int, wanted: int) -> int:
        """How long a reply may be after a prompt of about `prompt_tokens`, at most `wanted`.

        Raises `BudgetSpentError` where too little is left for any reply."""
        allowed = min(wanted, self.left - prompt_tokens)
        if allowed < min(wanted, SHORTEST_REPLY):
            raise BudgetSpentError(
                f"the token budget is used up: {self.left} of {self._limit} tokens are left, "
                f"the next call needs about {prompt_tokens}"
            )
        return allowed

    def charge(self, tokens_in: int, tokens_out: int, seconds: float) -> None:
        """Count one call."""
        used, cost = self._usage, None
        if self._prices is not None:
            price = tokens_in * self._prices.tokens_in + tokens_out * self._prices.tokens_out
            cost = (used.cost or 0.0) + price / MILLION
        self._usage = Usage(
            calls=used.calls + 1,
            tokens_in=used.tokens_in + tokens_in,
            tokens_out=used.tokens_out + tokens_out,
            seconds=round(used.seconds + seconds, 3),
            cost=cost,
        )


def estimate(*texts: str) -> int:
    """About how many tokens these texts are, rather too many."""
    return sum(len(text.encode()) // BYTES_A_TOKEN + 8 for text in texts)
