"""What a person reads in the terminal."""

from __future__ import annotations

import io
from typing import Any

from rich.console import Console

from aiops.cli.timeline import Timeline

SERVICE = {"kind": "Service", "namespace": "shop", "name": "cart"}


def event(kind: str, text: str = "", **data: Any) -> dict[str, Any]:
    return {"kind": kind, "at": 1000.0, "actor": "changes", "text": text, "data": data}


def printed(*events: dict[str, Any], terminal: bool = True, width: int = 60) -> list[str]:
    screen = io.StringIO()
    timeline = Timeline(Console(file=screen, width=width, force_terminal=terminal, color_system=None))
    for each in events:
        timeline.show(each)
    return [line.rstrip() for line in screen.getvalue().splitlines()]


def evidence(observed: str, baseline: str = "") -> dict[str, Any]:
    summary = "Service/shop/cart was updated by ann."
    return event("evidence", summary, id="c-1", score=0.9, summary=summary, observed=observed, baseline=baseline)


def diagnosis(**other: Any) -> dict[str, Any]:
    cause = {"subject": SERVICE, "mechanism": "config.target_port", "confidence": 0.98, "evidence": ["c-1"]}
    fields: dict[str, Any] = {"summary": "It is the port.", "root_causes": [cause], "ruled_out": [], "missing": []}
    return event("diagnosis", **fields | other)


def test_an_evidence_says_what_was_seen_and_what_was_before() -> None:
    (line,) = printed(evidence("port: 80 -> 99", "80"), terminal=False)
    assert line.endswith("[c-1] Service/shop/cart was updated by ann. port: 80 -> 99 (before: 80)")


def test_what_the_sentence_says_already_is_not_said_again() -> None:
    (line,) = printed(evidence("updated"), terminal=False)
    assert line.endswith("updated by ann.")


def test_a_long_quotation_is_cut() -> None:
    (line,) = printed(evidence("x" * 500), terminal=False)
    assert line.endswith("xxx…")
    assert len(line) < 250


def test_a_long_line_wraps_beside_its_head_on_a_terminal() -> None:
    lines = printed(evidence("port: 80 -> 99"))
    assert len(lines) > 1
    assert all(line.startswith(" " * 23) for line in lines[1:])
    assert all(len(line) <= 60 for line in lines)


def test_a_change_that_cured_its_own_cause_is_not_marked_as_one_without_effect() -> None:
    checks = [{"name": "alerts", "outcome": "unchanged", "summary": "Still firing."}]
    cured, left, useless = printed(
        event("verification", "cured", outcome="unchanged", checks=checks, cured=True),
        event("verification", "no help", outcome="unchanged", checks=[], cured=False),
        terminal=False,
    )
    assert cured.endswith("✓ cured")
    assert left.endswith("= alerts: Still firing.")
    assert useless.endswith("= no help")


def test_each_explanation_that_was_dropped_has_a_name() -> None:
    others = [{"subject": SERVICE | {"name": f"s{i}"}, "reason": "nothing suffers from it"} for i in range(5)]
    text = "\n".join(printed(diagnosis(ruled_out=others, missing=["no logs"]), width=100))
    assert "also looked at: Service/shop/s0: nothing suffers from it" in text
    assert "Service/shop/s3" not in text
    assert "and 2 more" in text
    assert "not seen: no logs" in text
    assert "Service/shop/cart  config.target_port  98%" in text
