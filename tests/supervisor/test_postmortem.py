"""What a post-mortem tells, in both forms."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser

import pytest

from aiops.core.diagnosis import Diagnosis, RootCause, RuledOut
from aiops.core.entity import Entity
from aiops.core.evidence import Evidence, Query, Source, Window
from aiops.core.incident import EventKind, Incident, IncidentEvent, Signal, State
from aiops.core.mechanism import Mechanism
from aiops.supervisor.postmortem.drawing import drawing
from aiops.supervisor.postmortem.facts import Chart, Facts
from aiops.supervisor.postmortem.html import document
from aiops.supervisor.postmortem.impact import impacts
from aiops.supervisor.postmortem.markdown import markdown
from aiops.supervisor.postmortem.wording import amount, duration
from aiops.tools.evidence_series import ChartSeries
from aiops.tools.golden_signals import EntitySignals
from aiops.tools.golden_signals import Signal as Figure
from aiops.tools.kit.results import TimeSeries

BEGAN = 1_790_000_000.0
CART = Entity(kind="Service", namespace="shop", name="cart")
DOOR = Entity(kind="Ingress", namespace="shop", name="web")
HOSTILE = '<script>alert("x")</script> `rm` \u202e'


def _signals(entity: Entity, rate: float, shares: list[float]) -> EntitySignals:
    times = tuple(BEGAN + 60.0 * number for number in range(len(shares)))
    rates = TimeSeries(labels={}, times=times, values=(rate,) * len(shares))
    ratios = TimeSeries(labels={}, times=times, values=tuple(shares))
    figures = (Figure(name="rate", value=rate, series=rates), Figure(name="error_ratio", value=0.0, series=ratios))
    return EntitySignals(entity=entity, signals=figures)


def test_the_impact_is_minutes_requests_and_budget() -> None:
    entities = [
        _signals(CART, 10.0, [0.0, 0.5, 0.5, 0.005]),
        _signals(DOOR, 1.0, [0.0, 0.02]),
        _signals(CART, 9, [0.0]),
    ]
    door, cart = impacts(entities, 0.99, 60.0)
    assert (door.entity, cart.entity) == (DOOR, CART)
    assert (cart.minutes, cart.failed, cart.requests, cart.worst) == (2.0, pytest.approx(603.0), 2400.0, 0.5)
    assert cart.budget == pytest.approx(603.0 / (10.0 * 30 * 86400 * 0.01))


def test_who_kept_the_promise_is_not_told() -> None:
    assert impacts([_signals(CART, 10.0, [0.009, 0.0])], 0.99, 60.0) == []
    assert impacts([EntitySignals(entity=CART, signals=())], 0.99, 60.0) == []


def _chart(title: str = "errors", *lines: ChartSeries) -> Chart:
    points = tuple((BEGAN + 15.0 * number, 0.1 * (number > 10)) for number in range(-20, 40))
    line = ChartSeries(name="errors", unit="ratio", promql='sum(x{a="<b>"})', labels={}, points=points)
    return Chart(title=title, unit="ratio", promql=line.promql, lines=lines or (line,))


@pytest.fixture
def told(signal: Callable[..., Signal]) -> Facts:
    """A resolved incident whose texts are hostile."""
    cause = RootCause(
        subject=CART, mechanism=Mechanism.CONFIG_TARGET_PORT, confidence=0.9, summary="s", path=(CART, DOOR),
        evidence=("metrics-1",),
    )  # fmt: skip
    out = RuledOut(subject=DOOR, mechanism=None, reason=HOSTILE)
    evidence = Evidence(
        id="metrics-1", source=Source.METRICS, subject=CART, query=Query(tool="metric_query"), score=1.0,
        window=Window(start=BEGAN, end=BEGAN + 60), summary=HOSTILE, observed="",
    )  # fmt: skip
    other = evidence.model_copy(update={"id": "metrics-2"})
    return Facts(
        incident=Incident(
            id="inc-1", title=HOSTILE, state=State.RESOLVED, namespaces=("shop",), signals=(signal(),),
            opened_at=BEGAN, updated_at=BEGAN,
        ),
        began=BEGAN,
        ended=BEGAN + 720,
        diagnosis=Diagnosis(fault=True, root_causes=(cause,), ruled_out=(out, out), missing=(HOSTILE,), summary="s"),
        evidence=(evidence, other),
        course=(IncidentEvent(incident="inc-1", seq=1, at=BEGAN, kind=EventKind.CHANGE, actor="x", text=HOSTILE),),
        objective=0.99,
        impact=tuple(impacts([_signals(CART, 10.0, [0.5])], 0.99, 60.0)),
        charts=(_chart(HOSTILE),),
        missing=(HOSTILE,),
    )  # fmt: skip


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.loaded: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.loaded += [
            f"{name}={value}" for name, value in attrs if name in ("src", "href", "style") or name[:2] == "on"
        ]
        if tag not in ("meta", "rect", "path", "i"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1] == tag:
            self.open.pop()


def test_the_document_needs_no_other_file_and_nothing_from_outside_is_markup(told: Facts) -> None:
    text = document(told)
    tags = _Tags()
    tags.feed(text)
    assert (tags.open, tags.loaded) == ([], [])
    assert "script" not in tags.seen
    assert "\u202e" not in text
    assert "url(" not in text
    for said in ("12 min", "SLO minutes lost", "resolved", "Ruled out", "<svg", "90% sure"):
        assert said in text
    assert text.count("Ingress/shop/web: &lt;script") == 1  # each that was ruled out, once


def test_only_what_the_cause_rests_on_is_its_evidence(told: Facts) -> None:
    assert [item.id for item in told.cited] == ["metrics-1"]


def test_the_markdown_has_every_part_and_no_markup_from_outside(told: Facts) -> None:
    text = markdown(told)
    parts = [line[3:] for line in text.splitlines() if line.startswith("## ")]
    assert parts == ["Impact", "Cause", "Timeline", "Evidence", "Ruled out", "Queries", "Not known"]
    assert "<script" not in text.replace("\\<", "")
    assert "\u202e" not in text
    assert "| Service/shop/cart | 1 | 300 of 600 | 50% |" in text


def test_an_incident_of_which_little_is_known_has_a_post_mortem(told: Facts) -> None:
    bare = told.model_copy(
        update={"diagnosis": None, "evidence": (), "impact": (), "charts": (), "course": (), "missing": ()}
    )
    assert "No diagnosis was made" in document(bare)
    assert "No diagnosis was made" in markdown(bare)


def test_a_line_is_broken_where_points_are_missing() -> None:
    points = tuple((BEGAN + 15.0 * number, 1.0) for number in (*range(5), *range(20, 25)))
    line = ChartSeries(name="x", unit="s", promql="x", labels={}, points=points)
    svg = drawing(_chart("x", line), BEGAN, BEGAN + 60)
    assert svg.split('class="line s1" d="')[1].split('"')[0].count("M") == 2
    assert drawing(_chart("x", line.model_copy(update={"points": ()})), BEGAN, BEGAN + 60) == ""


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.5, "ratio", "50%"),
        (0.012, "ratio", "1.2%"),
        (0.25, "s", "250 ms"),
        (2.0, "s", "2.0 s"),
        (1234.0, "", "1,234"),
    ],
)
def test_amounts_are_read_at_a_glance(value: float, unit: str, text: str) -> None:
    assert amount(value, unit) == text


def test_durations_are_read_at_a_glance() -> None:
    assert [duration(seconds) for seconds in (45, 720, 11100)] == ["45 s", "12 min", "3 h 5 min"]
