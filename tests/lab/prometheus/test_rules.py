"""Rule files, templates and the states of alerts."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.core.errors import InvalidInputError
from aiops.lab.prometheus import RuleEngine, load_rules
from aiops.lab.prometheus.template import check_template, expand
from aiops.lab.tsdb import NAME, Matcher, TimeSeriesStore
from tests.lab.prometheus.conftest import RULES, Bench


def test_a_rule_file_is_read() -> None:
    (group,) = load_rules(RULES)
    (rule,) = group.rules
    assert (group.name, rule.alert, rule.hold) == ("slo", "ErrorsHigh", 60.0)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("expr", "sum(", r"groups.0.rules.0.expr.*unclosed"),
        ("for", "soon", r"groups.0.rules.0.for.*soon"),
        ("annotations", {"a": "{{ range . }}"}, r"groups.0.rules.0.annotations.*range"),
        ("annotations", {"a": "{{ $value | upper }}"}, "upper"),
        ("alert", "", "groups.0.rules.0.alert"),
        ("record", "x", "groups.0.rules.0.record"),
    ],
)
def test_a_wrong_rule_is_named(field: str, value: Any, message: str) -> None:
    document = copy.deepcopy(RULES)
    document["groups"][0]["rules"][0][field] = value
    with pytest.raises(InvalidInputError, match=message):
        load_rules(document, "rules.yml")


@pytest.mark.parametrize("document", [None, [], {}, {"groups": 1}, {"groups": [1]}])
def test_no_rule_file(document: Any) -> None:
    with pytest.raises(InvalidInputError, match=r"rules\.yml"):
        load_rules(document, "rules.yml")


def test_group_names_are_unique() -> None:
    with pytest.raises(InvalidInputError, match="one name"):
        load_rules({"groups": RULES["groups"] * 2})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ $labels.service }} and {{$labels.gone}}", "geo and "),
        ("{{ $value }}", "1234.5"),
        ("{{ $value | humanize }}", "1.234k"),
        ("{{ $value | humanizePercentage }}", "1.234e+05%"),
        ("{{ $value | humanizeDuration }}", "20m 34s"),
        ("plain", "plain"),
    ],
)
def test_templates(text: str, expected: str) -> None:
    check_template(text)
    assert expand(text, {"service": "geo"}, 1234.5) == expected


@given(st.text())
def test_any_text_is_a_template_or_refused(text: str) -> None:
    try:
        check_template(text)
    except InvalidInputError:
        return
    expand(text, {}, 1.0)


def test_label_text_is_not_expanded_again() -> None:
    assert expand("{{ $labels.a }}", {"a": "{{ $value }}"}, 1.0) == "{{ $value }}"


def test_pending_then_firing_then_resolved(bench: Bench) -> None:
    bench.run(15, geo=0.01)
    assert bench.states() == {}
    bench.run(60, geo=0.2)
    assert bench.states() == {"geo": "pending"}
    bench.run(15, geo=0.3)
    (alert,) = bench.rules.alerts()
    assert (alert.state, alert.active_at, alert.fired_at, alert.value) == ("firing", 15.0, 75.0, 0.3)
    assert dict(alert.labels) == {
        "alertname": "ErrorsHigh",
        "namespace": "shop",
        "service": "geo",
        "severity": "critical",
        "team": "geo-team",
    }
    assert dict(alert.annotations) == {"summary": "geo fails", "description": "ratio 0.3"}
    bench.run(15, geo=0.0)
    (over,) = bench.rules.alerts()
    assert (over.state, over.resolved_at) == ("resolved", 90.0)


def test_a_pending_alert_that_passes_leaves_nothing(bench: Bench) -> None:
    bench.run(45, geo=0.2)
    bench.run(15, geo=0.0)
    assert bench.states() == {}
    bench.run(60, geo=0.2)
    assert bench.states() == {"geo": "pending"}


def test_an_alert_that_comes_again_waits_again(bench: Bench) -> None:
    bench.run(75, geo=0.2)
    bench.run(15, geo=0.0)
    bench.run(15, geo=0.2)
    assert bench.states() == {"geo": "pending"}


def test_a_resolved_alert_is_told_for_fifteen_minutes(bench: Bench) -> None:
    bench.run(75, geo=0.2)
    bench.run(900, geo=0.0)
    assert bench.states() == {"geo": "resolved"}
    bench.run(30, geo=0.0)
    assert bench.states() == {}


def test_a_series_that_ends_resolves_its_alert(bench: Bench) -> None:
    bench.run(75, geo=0.2, rate=0.2)
    bench.run(15, rate=0.2)
    assert bench.states() == {"geo": "resolved", "rate": "firing"}


def test_a_rule_without_a_hold_fires_at_once() -> None:
    document = copy.deepcopy(RULES)
    del document["groups"][0]["rules"][0]["for"]
    bench = Bench(document)
    bench.run(15, geo=0.2)
    assert bench.states() == {"geo": "firing"}


def test_active_alerts_are_series(bench: Bench) -> None:
    bench.run(75, geo=0.2)
    (series,) = bench.store.select((Matcher(NAME, "=", "ALERTS"), Matcher("alertstate", "=", "firing")), 0, 1000)
    assert series.labels["service"] == "geo"
    assert series.times.tolist() == [60.0]


def test_a_rule_that_fails_keeps_its_alerts_and_says_why() -> None:
    document = copy.deepcopy(RULES)
    document["groups"][0]["rules"][0] |= {
        "expr": "errors * on(namespace) group_left errors > 0",
        "for": "0s",
        "labels": {},
    }
    bench = Bench(document)
    bench.run(15, geo=0.2)
    assert bench.states() == {"geo": "firing"}
    bench.run(15, geo=0.2, rate=0.2)
    assert "duplicate series" in bench.rules.error("slo", 0)
    assert bench.states() == {"geo": "firing"}
    bench.run(15, geo=0.2)
    assert bench.rules.error("slo", 0) == ""


def test_a_rule_may_give_a_scalar() -> None:
    document = {"groups": [{"name": "g", "rules": [{"alert": "Always", "expr": "vector(1)"}]}]}
    rules = RuleEngine(load_rules(document), TimeSeriesStore())
    rules.evaluate(0.0)
    (alert,) = rules.alerts()
    assert alert.labels == (("alertname", "Always"),)


def of(rule: dict[str, Any], **group: Any) -> dict[str, Any]:
    return {"groups": [{"name": "slo", "rules": [rule], **group}]}


RECORDED = {"record": "service:errors:max", "expr": "max by (service) (errors)", "labels": {"team": "shop"}}


def test_what_a_rule_records_is_read_by_the_next_one() -> None:
    alert = {"alert": "High", "expr": 'service:errors:max{team="shop"} > 0.5'}
    bench = Bench({"groups": [{"name": "slo", "rules": [RECORDED, alert]}]})
    bench.run(30, geo=0.9, rate=0.1)
    assert bench.states() == {"geo": "firing"}
    recorded = bench.store.select((Matcher(NAME, "=", "service:errors:max"),), 0, 60)
    assert [(one.labels["service"], one.values.tolist()) for one in recorded] == [
        ("geo", [0.9] * 2),
        ("rate", [0.1] * 2),
    ]
    bench.run(15, rate=0.1)
    (left,) = bench.store.select((Matcher(NAME, "=", "service:errors:max"),), 30, 60)
    assert left.labels == {NAME: "service:errors:max", "service": "rate", "team": "shop"}


def test_an_alert_may_go_on_firing_for_a_while() -> None:
    bench = Bench(of({"alert": "High", "expr": "errors > 0.5", "keep_firing_for": "30s"}))
    bench.run(30, geo=0.9)
    bench.run(30, geo=0.1)
    assert bench.states() == {"geo": "firing"}
    bench.run(15, geo=0.9)
    bench.run(30, geo=0.1)
    assert bench.states() == {"geo": "firing"}
    bench.run(15, geo=0.1)
    assert bench.states() == {"geo": "resolved"}


def test_a_group_has_its_own_interval() -> None:
    bench = Bench(of(RECORDED, interval="45s"))
    bench.run(120, geo=0.9)
    (recorded,) = bench.store.select((Matcher(NAME, "=", "service:errors:max"),), 0, 200)
    assert recorded.times.tolist() == [0, 45, 90]


@pytest.mark.parametrize("rule", [RECORDED, {"alert": "High", "expr": "errors > 0"}])
def test_a_group_has_a_limit(rule: dict[str, Any]) -> None:
    bench = Bench(of(rule, limit=1))
    bench.run(15, geo=0.9)
    assert bench.rules.error("slo", 0) == ""
    bench.run(15, geo=0.9, rate=0.8)
    assert "exceeded limit of 1 with 2" in bench.rules.error("slo", 0)


def test_records_that_would_be_the_same_series_are_an_error() -> None:
    bench = Bench(of({"record": "x", "expr": "errors", "labels": {"service": "all"}}))
    bench.run(15, geo=0.9, rate=0.8)
    assert "same labelset" in bench.rules.error("slo", 0)


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({**RECORDED, "record": "no name"}, r"groups\.0\.rules\.0\.record"),
        ({**RECORDED, "expr": "sum("}, r"groups\.0\.rules\.0\.expr.*unclosed"),
        ({**RECORDED, "for": "1m"}, r"groups\.0\.rules\.0\.for"),
        ({"expr": "1"}, r"groups\.0\.rules\.0\.alert"),
    ],
)
def test_a_wrong_recording_rule_is_named(rule: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        load_rules(of(rule))
