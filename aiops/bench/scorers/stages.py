"""When did the agent know what, and how many steps did it need? Under AIOpsLab's names."""

from __future__ import annotations

from pydantic import JsonValue

from aiops.bench.record import Record
from aiops.bench.scorers.registry import scorer


@scorer
def stages(record: Record) -> dict[str, JsonValue]:
    """`ttd`, `ttl`, `tta`, `ttm`: simulated seconds from the onset, not from the agent's start, until it said that
    something is wrong, named the object, named the mechanism, and until users were well for good; None where it did not
    or was wrong. `steps` as the agent counts them."""
    truth, claim = record.truth, record.claim
    if truth is None:
        return {"ttd": None, "ttl": None, "tta": None, "ttm": None, "steps": claim.steps}
    located = claim.subject in {str(part.subject) for part in truth.parts}
    explained = claim.mechanism in {part.mechanism.value for part in truth.parts}
    well = all(look.well(record.wanted) for look in record.looks) and not record.present
    return {
        "ttd": _since(record, claim.detected_at if claim.fault else None),
        "ttl": _since(record, claim.localized_at if located else None),
        "tta": _since(record, claim.analysed_at if explained else None),
        "ttm": record.well_after if well else None,
        "steps": claim.steps,
    }


def _since(record: Record, moment: float | None) -> float | None:
    return None if moment is None else round(moment - record.onset, 1)
