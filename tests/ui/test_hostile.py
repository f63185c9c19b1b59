"""Text from alerts, logs and models is shown as it is written, and can do nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.hostile import EVERYTHING, STEERING
from tests.ui.scripted import INCIDENT, Scripted, event, until_proposal

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180), pytest.mark.asyncio(loop_scope="module")]

HOSTILE = EVERYTHING
WRITTEN = "<script>document.title='owned'</script><img src=x onerror="
INJECTED = "body img, body iframe, body script[src*=evil], a[href^=http], a[href^=javascript], [onerror], [onload]"


async def _unharmed(viewer: Any) -> None:
    assert await viewer.tab.title() != "owned"
    assert await viewer.tab.locator(INJECTED).count() == 0
    text = await viewer.text("body")
    assert WRITTEN in text
    for character in "".join(STEERING):
        assert character.isprintable() or character not in text
    assert STEERING["\u202egnp.exe\u202c"] in text


async def test_nothing_of_an_incident_becomes_an_element(shown: Callable[..., Any]) -> None:
    scripted = Scripted(until_proposal(HOSTILE), title=HOSTILE)
    report = event(8, "report", f"**{HOSTILE}**\n\n- {HOSTILE}\n\n# {HOSTILE}\n\n`{HOSTILE}`", {"outcome": HOSTILE})
    end = event(9, "transition", HOSTILE, {"from": "awaiting_approval", "to": "escalated"})
    scripted.events += [report, end]
    nodes = [{"id": HOSTILE, "kind": HOSTILE, "namespace": HOSTILE, "name": HOSTILE, "role": HOSTILE}]
    edges = [{"source": HOSTILE, "target": HOSTILE, "role": HOSTILE}]
    graph = {"nodes": nodes, "edges": edges, "missing": [HOSTILE]}
    scripted.answers[f"/api/incidents/{INCIDENT}/topology"] = (200, graph)
    drawn = {
        "query": HOSTILE,
        "unit": HOSTILE,
        "window": {"start": 0, "end": 100},
        "baseline": None,
        "onset": None,
        "series": [{"name": HOSTILE, "points": [[0, 1.0], [100, 2.0]]}],
    }
    scripted.answers[f"/api/incidents/{INCIDENT}/evidence/metrics-1/charts"] = (
        200,
        {"charts": [drawn], "missing": HOSTILE},
    )
    async with shown(scripted, f"/incident/{INCIDENT}") as viewer:
        await viewer.tab.locator(".chart svg").first.wait_for()
        await viewer.tab.locator(".topology svg").first.wait_for()
        await _unharmed(viewer)


async def test_nothing_of_the_home_page_becomes_an_element(shown: Callable[..., Any]) -> None:
    scripted = Scripted(until_proposal(HOSTILE), title=HOSTILE)
    finding = {"subject": HOSTILE, "severity": HOSTILE, "title": HOSTILE, "detail": HOSTILE, "since": 0}
    scripted.answers["/api/scan"] = (200, {"findings": [finding], "missing": [HOSTILE]})
    scripted.answers["/api/ask"] = (
        200,
        {
            "question": HOSTILE,
            "answered": False,
            "sentences": [{"text": HOSTILE, "cites": [HOSTILE]}],
            "tables": [{"columns": [HOSTILE], "rows": [[HOSTILE]]}],
            "citations": [{"id": HOSTILE, "query": {"tool": HOSTILE, "arguments": {"a": HOSTILE}}, "summary": HOSTILE}],
            "by_model": HOSTILE,
            "tokens": 9,
        },
    )
    async with shown(scripted) as viewer:
        await viewer.tab.get_by_label("Question").fill(HOSTILE)
        await viewer.press("Ask")
        await viewer.tab.locator(".reply").wait_for()
        await viewer.tab.locator(".findings li").wait_for()
        await _unharmed(viewer)


async def test_instructions_in_an_alert_press_no_button(shown: Callable[..., Any]) -> None:
    scripted = Scripted(until_proposal(HOSTILE))
    async with shown(scripted, f"/incident/{INCIDENT}") as viewer:
        await viewer.tab.locator("#approval").wait_for()
        await viewer.tab.wait_for_load_state("networkidle")
        assert scripted.posts == []


async def test_very_long_lines_are_cut_and_the_page_stays_as_wide_as_the_screen(shown: Callable[..., Any]) -> None:
    long = "x" * 100_000
    async with shown(Scripted(until_proposal(long), title=long), f"/incident/{INCIDENT}", width=390) as viewer:
        await viewer.tab.locator("#approval").wait_for()
        width = await viewer.tab.evaluate("document.documentElement.scrollWidth")
        assert width <= 390
        assert "more characters)" in await viewer.text("body")
        assert len(await viewer.text("body")) < 100_000
