"""A run as a page: whole, without anything from elsewhere, and safe whatever an agent says."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from aiops.bench.agents.registry import Claim
from aiops.bench.line import Line, of_error, of_record, of_refused
from aiops.bench.page.page import page
from aiops.bench.page.svg import Mark, bars, dots, timeline
from aiops.bench.record import Admission, Record
from aiops.bench.summary import summary
from tests.bench.conftest import GEO

Make = Callable[..., Record]
VOID = ("meta", "!doctype")


class Balance(HTMLParser):
    """Notes which elements are open, and every reference to something outside."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        assert not {name for name, _ in attrs} & {"src", "href"}
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def told(lines: list[Line], **other: Any) -> str:
    return page({"agent": "supervisor", "suite": "smoke", "seeds": "0", **summary(lines), **other}, lines)


def read(text: str) -> list[str]:
    found = Balance()
    found.feed(text)
    assert found.open == []
    return found.seen


def test_a_page_tells_every_scenario_and_needs_nothing_else(record: Make) -> None:
    scenario = record().scenario
    refused = of_refused(scenario, Admission(admitted=False, reason="nobody feels it"))
    calm = of_record(
        record(truth=None, scenario=scenario.model_copy(update={"kind": "none", "case": "harmless_deploy"}))
    )
    text = told([of_record(record()), refused, of_error(scenario, "ended by SIGKILL"), calm])
    seen = read(text)
    assert seen.count("details") == 4
    assert "script" not in seen
    assert not re.search(r"https?:|url\(|@import", text)
    assert "nobody feels it" in text
    assert "ended by SIGKILL" in text
    assert "false alarm" in text
    assert GEO in text


def test_what_an_agent_says_is_text(record: Make) -> None:
    claim = Claim(fault=True, subject="<script>alert(1)</script>", state="<img src=x>", tokens=12)
    text = told([of_record(record(claim=claim))], agent="<b>me</b>")
    assert "script" not in read(text)
    assert "&lt;script&gt;" in text
    assert "<img" not in text


def test_a_run_without_anything_is_a_page() -> None:
    text = told([])
    read(text)
    assert text.rstrip().endswith("</html>")


@given(
    st.lists(st.floats(0, 1), max_size=40), st.lists(st.tuples(st.floats(-10, 9e5), st.text(max_size=40)), max_size=8)
)
def test_a_timeline_is_drawn_of_anything(minutes: list[float], marks: list[tuple[float, str]]) -> None:
    drawn = timeline(minutes, [Mark(at, label) for at, label in marks])
    read(drawn)
    assert "nan" not in re.sub(r"<text.*?</text>", "", drawn)


def test_plots_without_rows_are_empty() -> None:
    for drawn in (bars("mitigated", []), dots("seconds", [("network", [])], "s")):
        read(drawn)
        assert "nan" not in drawn
        assert "<circle" not in drawn
