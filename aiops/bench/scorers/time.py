"""How long did users suffer?"""

from __future__ import annotations

from pydantic import JsonValue

from aiops.bench.record import Record
from aiops.bench.scorers.registry import scorer


@scorer
def time(record: Record) -> dict[str, JsonValue]:
    """`seconds`: simulated seconds from the onset until users were well for good; None where they are not."""
    return {"seconds": record.well_after, "overtime": record.overtime}
