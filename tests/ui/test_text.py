"""The parts that need no browser: words, markdown, diffs, scales, layout, the folding of events."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.core.text import visible
from aiops.ui import diff, dom, layers, markdown, scales, topology, words
from aiops.ui.chart import Frame, path
from aiops.ui.pages.hero import headline, sentence
from aiops.ui.story import Story
from tests.ui.scripted import diagnosis, entity, event, until_proposal

finite = st.floats(-1e12, 1e12, allow_nan=False)


@given(st.text(), st.integers(1, 50))
def test_plain_text_has_no_steering_characters_and_an_end(text: str, longest: int) -> None:
    shown = words.plain(text, longest)
    assert shown == visible(shown)
    if len(text) <= longest and text == visible(text):
        assert shown == text
    if len(text) > longest:
        assert shown.endswith(f"({len(text) - longest} more characters)")


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-3, "0 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (11100, "3 h 5 min"),
        (187200, "2 d 4 h"),
    ],
)
def test_durations(seconds: float, said: str) -> None:
    assert words.duration(seconds) == said


def test_moments_and_shares() -> None:
    assert words.clock(1767605430.0) == "09:30:30"
    assert words.full(1767605430.0) == "2026-01-05 09:30:30"
    assert words.clock(None) == ""
    assert [words.percent(x) for x in (0, 0.004, 0.456, 1)] == ["0 %", "0.4 %", "46 %", "100 %"]


def test_subjects() -> None:
    assert words.subject(entity("cart")) == "Deployment/shop/cart"
    assert words.subject({"source": entity("a"), "target": entity("b")}) == "Deployment/shop/a → Deployment/shop/b"


@pytest.mark.parametrize("address", ["http://evil.example", "//evil.example", "/\\evil.example", "javascript:1", ""])
def test_links_lead_nowhere_else(address: str) -> None:
    with pytest.raises(ValueError, match="not a link within the page"):
        dom.link("x", address)


def test_reports_are_read_into_blocks() -> None:
    blocks = markdown.read("**Evidence**\n\n- [a-1] x \\*not bold\\* **bold** `code`\ntext\n## Head")
    assert [block.kind for block in blocks] == ["heading", "item", "paragraph", "heading"]
    assert blocks[1].spans == (
        markdown.Span("[a-1] x *not bold* "),
        markdown.Span("bold", "strong"),
        markdown.Span(" "),
        markdown.Span("code", "code"),
    )


def test_lines_in_which_nothing_is_markup_stay_together() -> None:
    blocks = markdown.read("**Runbook**\n\n    1. **look**\n\n    - `x`\nafter\n```sh\n**kubectl**\n```\nend")
    shown = [(block.kind, block.spans[0].text) for block in blocks]
    assert shown == [
        ("heading", "Runbook"),
        ("code", "1. **look**\n\n- `x`"),
        ("paragraph", "after"),
        ("code", "**kubectl**"),
        ("paragraph", "end"),
    ]


@given(st.text(alphabet=st.characters(blacklist_categories=("Cs",))))
def test_no_text_of_a_report_is_lost(source: str) -> None:
    letters = re.sub(r"[\W_]", "", source)
    shown = "".join(span.text for block in markdown.read(source) for span in block.spans)
    assert re.sub(r"[\W_]", "", shown) == letters


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("+a", "add"),
        ("-a", "del"),
        (" a", "same"),
        ("@@ -1 +1 @@", "hunk"),
        ("--- now", "file"),
        ("+++ then", "file"),
        ("", "same"),
    ],
)
def test_lines_of_a_diff(line: str, kind: str) -> None:
    assert diff.kind(line) == kind


@given(st.lists(finite, min_size=1))
def test_an_axis_covers_its_values_with_few_round_marks(values: list[float]) -> None:
    low, high = scales.bounds(values)
    marks = scales.ticks(low, high)
    slack = (high - low) * 1e-6
    assert marks[0] <= low + slack
    assert marks[-1] >= high - slack
    assert 2 <= len(marks) <= 9
    assert marks == sorted(set(marks))


@given(st.floats(1, 2e9), st.floats(1, 1e7))
def test_moments_of_an_axis_lie_in_the_window(start: float, span: float) -> None:
    marks = scales.minutes(start, start + span)
    assert all(start <= mark <= start + span for mark in marks)
    assert len(marks) <= 20


def test_values_with_units() -> None:
    said = [scales.value(*x) for x in ((0.45, "ratio"), (0.34, "s"), (1.2, "s"), (2**24, "bytes"), (7.0, "per second"))]
    assert said == ["45 %", "340 ms", "1.2 s", "16 MiB", "7 per second"]


def test_a_gap_breaks_the_line_and_a_lone_value_is_a_dot() -> None:
    frame = Frame(0, 100, [0.0, 10.0])
    assert path([(0, 0.0), (50, 10.0), (60, None), (100, 5.0)], frame) == "M0.0 160.0L500.0 0.0M1000.0 80.0h0.01"


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=40))
def test_callers_stand_left_of_callees_where_no_circle_forbids_it(calls: list[tuple[int, int]]) -> None:
    names = [str(n) for n in range(9)]
    pairs = [(str(min(a, b)), str(max(a, b))) for a, b in calls if a != b]  # no circles
    column = layers.columns(names, pairs)
    assert all(column[a] < column[b] for a, b in pairs)
    row = layers.rows(column, pairs, {"3"})
    assert len({(column[n], row[n]) for n in names}) == 9
    assert row["3"] == 0
    circular = layers.columns(names, [(str(a), str(b)) for a, b in calls])
    assert set(circular) == set(names)
    assert max(circular.values()) < 9


def test_of_a_large_graph_what_the_incident_touches_is_drawn() -> None:
    nodes = [{"id": f"n{i}", "role": "cause" if i == 150 else "normal"} for i in range(300)]
    edges = [{"source": f"n{i}", "target": f"n{i + 1}", "role": "normal"} for i in range(299)]
    graph = topology.touched({"nodes": nodes, "edges": edges})
    assert [n["id"] for n in graph["nodes"]] == ["n149", "n150", "n151"]
    assert [(e["source"], e["target"]) for e in graph["edges"]] == [("n149", "n150"), ("n150", "n151")]


def _story(events: list[dict[str, Any]]) -> Story:
    story = Story()
    for one in events:
        story.add(one)
    return story


def test_a_case_is_folded_from_its_events() -> None:
    story = _story(until_proposal())
    assert (story.state, story.seq, list(story.evidence)) == ("awaiting_approval", 7, ["metrics-1", "metrics-2"])
    assert story.waiting is not None
    assert story.since == diagnosis()["onset"]
    assert not story.add(event(7, "transition", "again", {"to": "resolved"})), "an event counts once"
    story.add(event(8, "decision", "denied", {"approval": "apr-1", "decision": "denied"}, actor="ben"))
    assert story.waiting is None
    assert (story.proposals[0].decision, story.proposals[0].actor) == ("denied", "ben")


def test_changes_and_verdicts_belong_to_their_proposal() -> None:
    story = _story(until_proposal())
    story.add(event(8, "change", "made", {"action": "inc-1-1", "undone": False}))
    story.add(event(9, "verification", "no", {"outcome": "worse", "checks": []}))
    story.add(event(10, "change", "undid", {"action": "inc-1-1", "undone": True}))
    [proposal] = story.proposals
    assert (proposal.made, proposal.undone, proposal.verdict) == (True, True, {"outcome": "worse", "checks": []})


def test_an_unknown_kind_of_event_is_only_counted() -> None:
    story = _story([event(1, "weather", "rain", {})])
    assert (story.seq, story.state) == (1, "open")


def test_headlines() -> None:
    assert headline(_story([]), "the alert") == "the alert"
    assert headline(_story(until_proposal()), "x") == "Service/shop/cart sends to a port on which nobody listens."
    unsure = diagnosis() | {"abstained": True}
    assert _story([event(1, "diagnosis", "", unsure)]).abstained
    assert "does not tell" in headline(_story([event(1, "diagnosis", "", unsure)]), "x")
    well = diagnosis() | {"fault": False}
    assert headline(_story([event(1, "diagnosis", "", well)]), "x") == "No fault was found"
    assert sentence({"summary": "a [b] c. [e-1, e-2]", "field": None}) == "a [b] c."
