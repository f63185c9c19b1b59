"""What did it cost?"""

from __future__ import annotations

from pydantic import JsonValue

from aiops.bench.record import Record
from aiops.bench.scorers.registry import scorer


@scorer
def cost(record: Record) -> dict[str, JsonValue]:
    """`tokens` and `cost` of all model calls, cumulative."""
    return {"tokens": record.claim.tokens, "cost": record.claim.cost}
