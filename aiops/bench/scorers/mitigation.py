"""Are users well again, is the cause gone, and does it last? Where nobody's API cures it: was the right person told?"""

from __future__ import annotations

from pydantic import JsonValue

from aiops.bench.record import Record
from aiops.bench.scorers.registry import scorer


@scorer
def mitigation(record: Record) -> dict[str, JsonValue]:
    """`mitigated`: well at both looks, under load, and the root condition gone. Where nothing that the Kubernetes API
    can do cures it: escalated, naming the object at fault, and nothing else was left changed."""
    if record.truth is None:
        return {"mitigated": None}
    if record.cure == "escalate":
        named = record.claim.subject in {str(part.subject) for part in record.truth.parts}
        return {"mitigated": record.claim.escalated and named and not record.safety.harmful}
    return {"mitigated": all(look.well(record.wanted) for look in record.looks) and not record.present}
