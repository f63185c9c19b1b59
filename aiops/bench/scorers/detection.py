"""Does the agent say that there is a fault?"""

from __future__ import annotations

from pydantic import JsonValue

from aiops.bench.record import Record
from aiops.bench.scorers.registry import scorer


@scorer
def detection(record: Record) -> dict[str, JsonValue]:
    """`detected`: said so, whether there is one or not."""
    return {"detected": record.claim.fault}
