"""How many scenarios of each case count, and why the others do not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
from pydantic import JsonValue

from aiops.bench.line import Line
from aiops.bench.scenario import Scenario
from aiops.core.errors import InvalidInputError

MOSTLY = 0.8
"""The share of a case's scenarios that is to be admitted."""


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


def is_admitted(line: Line) -> bool:
    """Whether a scenario counts."""
    return bool(line["admitted"]) and line["error"] is None


def still_to_try(scenarios: Sequence[Scenario], lines: Sequence[Line], enough: int) -> list[Scenario]:
    """Of each case the next scenarios, as many as it lacks to have enough that count."""
    tried = {line["scenario"] for line in lines}
    lacking = {one.case: enough for one in scenarios}
    for line in lines:
        lacking[str(line["case"])] -= is_admitted(line)
    found = []
    for scenario in scenarios:
        if scenario.id not in tried and lacking[scenario.case] > 0:
            lacking[scenario.case] -= 1
            found.append(scenario)
    return found


def read_cases(path: Path) -> dict[str, Any]:
    """What `aiops bench admit --json` said of each case. Raises `InvalidInputError`."""
    try:
        cases = orjson.loads(path.read_bytes())["cases"]
        if any({"category", "drawn", "admitted", "refused"} - case.keys() for case in cases.values()):
            raise KeyError(path)
    except OSError as error:
        raise InvalidInputError(f"cannot read {path}: {error.strerror or error}") from error
    except (orjson.JSONDecodeError, LookupError, TypeError, AttributeError):
        raise InvalidInputError(f"{path}: not a result of 'aiops bench admit --json'") from None
    found: dict[str, Any] = cases
    return found


def as_markdown(cases: dict[str, Any]) -> str:
    """One row for each case, by family, and how many there are."""
    rows = ["| family | case | drawn | admitted | refused |", "|---|---|--:|--:|---|"]
    for name, case in sorted(cases.items(), key=lambda item: (item[1]["category"], item[0])):
        refused = "; ".join(
            f"{reason}{f' ({count})' if count > 1 else ''}" for reason, count in case["refused"].items()
        )
        rows.append(f"| {case['category']} | {name} | {case['drawn']} | {case['admitted']} | {refused} |")
    return "\n".join([_in_short(cases), "", *rows])


def _in_short(cases: dict[str, Any]) -> str:
    drawn, admitted = (sum(case[field] for case in cases.values()) for field in ("drawn", "admitted"))
    often = sum(case["admitted"] > MOSTLY * case["drawn"] for case in cases.values())
    share = f"{admitted / drawn:.1%}" if drawn else "none"
    return (
        f"{len(cases)} cases, {drawn} scenarios drawn, {admitted} admitted ({share}); of {often} cases more than "
        f"{MOSTLY:.0%} of what was drawn."
    )


def _reason(line: Line) -> str:
    """Without the figures that differ from one scenario to the next."""
    said = line["error"] if line["error"] is not None else line["reason"]
    return str(said or "").partition(": ")[0]
