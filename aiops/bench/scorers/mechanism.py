"""Does the agent name what is broken about it?"""

from __future__ import annotations

from pydantic import JsonValue

from aiops.bench.record import Record
from aiops.bench.scorers.registry import scorer


@scorer
def mechanism(record: Record) -> dict[str, JsonValue]:
    """`mechanism`: that of its best cause is exactly the one of the ground truth, or of one part of it."""
    if record.truth is None:
        return {"mechanism": None}
    return {"mechanism": record.claim.mechanism in {part.mechanism.value for part in record.truth.parts}}
