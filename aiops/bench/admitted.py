"""How many scenarios of each case count, and why the others do not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from pydantic import JsonValue

from aiops.bench.line import Line


def admitted_by_case(lines: Sequence[Line]) -> dict[str, JsonValue]:
    """For each case `drawn`, `admitted`, and `refused`, a count by reason. An error refuses as well."""
    found: dict[str, JsonValue] = {}
    for case in sorted({str(line["case"]) for line in lines}):
        those = [line for line in lines if line["case"] == case]
        reasons = Counter(reason for line in those if (reason := _reason(line)))
        refused: dict[str, JsonValue] = dict(sorted(reasons.items()))
        found[case] = {
            "category": those[0]["category"],
            "drawn": len(those),
            "admitted": len(those) - sum(reasons.values()),
            "refused": refused,
        }
    return found


def _reason(line: Line) -> str:
    """Without the figures that differ from one scenario to the next."""
    said = line["error"] if line["error"] is not None else line["reason"]
    return str(said or "").partition(": ")[0]
