"""Does the agent name the object that is broken?"""

from __future__ import annotations

from pydantic import JsonValue

from aiops.bench.record import Record
from aiops.bench.scorers.registry import scorer


@scorer
def localisation(record: Record) -> dict[str, JsonValue]:
    """`localized`: its best cause is exactly the object of the ground truth, or of one part of it."""
    if record.truth is None:
        return {"localized": None}
    return {"localized": record.claim.subject in {str(part.subject) for part in record.truth.parts}}
