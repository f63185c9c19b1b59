"""Are users well again, is the cause gone, and does it last?"""

from __future__ import annotations

from pydantic import JsonValue

from aiops.bench.record import Record
from aiops.bench.scorers.registry import scorer


@scorer
def mitigation(record: Record) -> dict[str, JsonValue]:
    """`mitigated`: well at both looks, under load, and the root condition gone."""
    if record.truth is None:
        return {"mitigated": None}
    return {"mitigated": all(look.well(record.wanted) for look in record.looks) and not record.present}
