"""Evaluates rules: which alerts are pending, which fire, which are over, and what is recorded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from aiops.core.errors import InvalidInputError
from aiops.lab.prometheus.rule_file import AlertRule, RecordingRule, RuleGroup
from aiops.lab.prometheus.template import expand
from aiops.lab.promql import Engine, InstantVector, Prepared, PromqlError, ScalarResult
from aiops.lab.promql.values import without_name
from aiops.lab.tsdb import NAME, Labels, TimeSeriesStore, labels_of

RESOLVED_RETENTION = 15 * 60.0
"""Seconds for which an alert that is over is still told, as in Prometheus."""

AlertState = Literal["pending", "firing", "resolved"]


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert of one rule. Times in unix seconds; `active_at`: when the condition became true; `kept_since`: when it
    ended, of an alert that goes on firing for a while."""

    rule: AlertRule
    labels: Labels
    annotations: Labels
    state: AlertState
    value: float
    active_at: float
    fired_at: float | None = None
    kept_since: float | None = None
    resolved_at: float | None = None


class RuleEngine:
    """The alerts of all rules, as of the last evaluation; one is to be made every `interval` seconds. Firing and
    pending alerts are written to the store as the series `ALERTS`, as Prometheus does, and so is what rules record."""

    def __init__(self, groups: tuple[RuleGroup, ...], store: TimeSeriesStore, interval: float = 15.0) -> None:
        self.groups = groups
        self.interval = interval
        self.evaluated_at: float | None = None
        self._store = store
        self._prepared = _prepared(groups, Engine(store))
        self._alerts: dict[tuple[str, int], dict[Labels, Alert]] = {
            (group.name, index): {} for group in groups for index in range(len(group.rules))
        }
        self._errors: dict[tuple[str, int], str] = {}
        self._evaluated: dict[str, float] = {}
        self._active: tuple[list[tuple[Labels, AlertState]], list[int]] = ([], [])

    def evaluate(self, now: float) -> None:
        """Evaluate every rule at `now` (unix seconds, after the last evaluation)."""
        for group in self.groups:
            last = self._evaluated.get(group.name)
            if last is None or group.interval is None or now - last >= group.interval:
                self._evaluated[group.name] = now
                self._evaluate(group, now)
        self.evaluated_at = now
        self._record_alerts(now)

    def _evaluate(self, group: RuleGroup, now: float) -> None:
        for index, rule in enumerate(group.rules):
            key = (group.name, index)
            try:
                if isinstance(rule, AlertRule):
                    results = self._results(rule, self._samples(key, now), group.limit)
                    self._alerts[key] = _advance(rule, self._alerts[key], results, now)
                else:
                    self._record(rule, group, index, now)
                self._errors.pop(key, None)
            except InvalidInputError as error:
                self._errors[key] = str(error)

    def alerts(self) -> list[Alert]:
        """All alerts, those that are over but lately included, in the order of the rules and by labels."""
        return [alert for known in self._alerts.values() if known for _, alert in sorted(known.items())]

    def alerts_of(self, group: str, index: int) -> list[Alert]:
        """The alerts of one rule, by labels."""
        return [alert for _, alert in sorted(self._alerts[group, index].items())]

    def error(self, group: str, index: int) -> str:
        """Why the last evaluation of a rule failed; empty where it did not."""
        return self._errors.get((group, index), "")

    def _samples(self, key: tuple[str, int], now: float) -> list[tuple[Labels, float]]:
        result = self._prepared[key].instant(now)
        if isinstance(result, ScalarResult):
            return [((), result.value)]
        if isinstance(result, InstantVector):
            return result.samples
        raise PromqlError("rule result is not a vector or scalar")

    def _record(self, rule: RecordingRule, group: RuleGroup, index: int, now: float) -> None:
        samples = self._samples((group.name, index), now)
        found = {labels_of({**dict(own), **rule.labels, NAME: rule.record}): value for own, value in samples}
        if len(found) < len(samples):
            raise PromqlError("vector contains metrics with the same labelset after applying rule labels")
        if 0 < group.limit < len(found):
            raise PromqlError(f"exceeded limit of {group.limit} with {len(found)} series")
        ids = [self._store.series(rule.record, dict(labels)) for labels in found]
        self._store.append(now, ids, np.array(list(found.values())), target=f"rules/{group.name}/{index}")

    def _results(
        self, rule: AlertRule, samples: list[tuple[Labels, float]], limit: int
    ) -> dict[Labels, tuple[Labels, float]]:
        """Alert labels -> (annotations, value)."""
        found: dict[Labels, tuple[Labels, float]] = {}
        for own, value in samples:
            names = dict(without_name(own))
            extra = {name: expand(text, names, value) for name, text in rule.labels.items()}
            labels = labels_of({**names, **extra, "alertname": rule.alert})
            if labels in found:
                raise PromqlError("vector contains metrics with the same labelset after applying alert labels")
            annotations = {name: expand(text, names, value) for name, text in rule.annotations.items()}
            found[labels] = (labels_of(annotations), value)
        if 0 < limit < len(found):
            raise PromqlError(f"exceeded limit of {limit} with {len(found)} alerts")
        return found

    def _record_alerts(self, now: float) -> None:
        active: list[tuple[Labels, AlertState]] = [
            (alert.labels, alert.state) for alert in self.alerts() if alert.state != "resolved"
        ]
        if active != self._active[0]:
            ids = [self._store.series("ALERTS", {**dict(labels), "alertstate": state}) for labels, state in active]
            self._active = (active, ids)
        ids = self._active[1]
        self._store.append(now, ids, np.ones(len(ids)), target="rules")


def _prepared(groups: tuple[RuleGroup, ...], engine: Engine) -> dict[tuple[str, int], Prepared]:
    """The expressions of all rules, those of groups that are evaluated as often prepared together."""
    recorded = {rule.record for group in groups for rule in group.rules if isinstance(rule, RecordingRule)}
    found: dict[tuple[str, int], Prepared] = {}
    for interval in dict.fromkeys(group.interval for group in groups):
        rules = [(g.name, i, rule) for g in groups if g.interval == interval for i, rule in enumerate(g.rules)]
        made = engine.prepare([rule.expr for _, _, rule in rules], recorded | {"ALERTS"})
        found |= {(name, index): one for (name, index, _), one in zip(rules, made, strict=True)}
    return found


def _advance(
    rule: AlertRule, known: dict[Labels, Alert], results: dict[Labels, tuple[Labels, float]], now: float
) -> dict[Labels, Alert]:
    """The alerts of one rule after an evaluation (Prometheus, rules/alerting.go)."""
    alerts: dict[Labels, Alert] = {}
    for labels, alert in known.items():
        if labels in results:
            continue
        if alert.state == "firing":
            since = now if alert.kept_since is None else alert.kept_since
            if now - since < rule.keep_firing_for:
                alerts[labels] = replace(alert, kept_since=since)
            else:
                alerts[labels] = replace(alert, state="resolved", resolved_at=now)
        elif alert.state == "resolved" and now - (alert.resolved_at or now) <= RESOLVED_RETENTION:
            alerts[labels] = alert
    for labels, (texts, value) in results.items():
        before = known.get(labels)
        if before is None or before.state == "resolved":
            alert = Alert(rule, labels, texts, "pending", value, active_at=now)
        else:
            alert = replace(before, annotations=texts, value=value, kept_since=None)
        if alert.state == "pending" and now - alert.active_at >= rule.hold:
            alert = replace(alert, state="firing", fired_at=now)
        alerts[labels] = alert
    return alerts
