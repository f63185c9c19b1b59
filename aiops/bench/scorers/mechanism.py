"""Does the agent name what is broken about it?"""

from __future__ import annotations

from pydantic import JsonValue

from aiops.bench.record import Record
from aiops.bench.scorers.registry import scorer


@scorer
def mechanism(record: Record) -> dict[str, JsonValue]:
    """`mechanism`: that of its best cause is exactly the one of the ground truth."""
    return {"mechanism": None if record.truth is None else record.claim.mechanism == record.truth.mechanism.value}
