"""How sure was the agent, and was it right?"""

from __future__ import annotations

from pydantic import JsonValue

from aiops.bench.record import Record
from aiops.bench.scorers.registry import scorer


@scorer
def confidence(record: Record) -> dict[str, JsonValue]:
    """`confidence`: of its best cause, from 0 to 1; None where it named none or says nothing about it. `right`: whether
    object and mechanism of that cause are those of one part of the ground truth; wrong where there is no fault."""
    claim = record.claim
    if claim.confidence is None or claim.subject is None:
        return {"confidence": None, "right": None}
    parts = record.truth.parts if record.truth else ()
    right = any((claim.subject, claim.mechanism) == (str(p.subject), p.mechanism.value) for p in parts)
    return {"confidence": round(claim.confidence, 4), "right": right}
