"""Evaluates alert rules: which alerts are pending, which fire, which are over."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from aiops.core.errors import InvalidInputError
from aiops.lab.prometheus.rule_file import AlertRule, RuleGroup
from aiops.lab.prometheus.template import expand
from aiops.lab.promql import Engine, InstantVector, PromqlError, ScalarResult
from aiops.lab.promql.values import without_name
from aiops.lab.tsdb import Labels, TimeSeriesStore, labels_of

RESOLVED_RETENTION = 15 * 60.0
"""Seconds for which an alert that is over is still told, as in Prometheus."""

AlertState = Literal["pending", "firing", "resolved"]


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert of one rule. Times in unix seconds; `active_at`: when the condition became true."""

    rule: AlertRule
    labels: Labels
    annotations: Labels
    state: AlertState
    value: float
    active_at: float
    fired_at: float | None = None
    resolved_at: float | None = None


class RuleEngine:
    """The alerts of all rules, as of the last evaluation; one is to be made every `interval` seconds. Firing and
    pending alerts are written to the store as the series `ALERTS`, as Prometheus does."""

    def __init__(self, groups: tuple[RuleGroup, ...], store: TimeSeriesStore, interval: float = 15.0) -> None:
        self.groups = groups
        self.interval = interval
        self.evaluated_at: float | None = None
        self._engine = Engine(store)
        self._store = store
        self._alerts: dict[tuple[str, int], dict[Labels, Alert]] = {
            (group.name, index): {} for group in groups for index in range(len(group.rules))
        }
        self._errors: dict[tuple[str, int], str] = {}

    def evaluate(self, now: float) -> None:
        """Evaluate every rule at `now` (unix seconds, after the last evaluation)."""
        for group in self.groups:
            for index, rule in enumerate(group.rules):
                key = (group.name, index)
                try:
                    results = self._results(rule, now)
                    self._errors.pop(key, None)
                except InvalidInputError as error:
                    self._errors[key] = str(error)
                    continue
                self._alerts[key] = _advance(rule, self._alerts[key], results, now)
        self.evaluated_at = now
        self._record(now)

    def alerts(self) -> list[Alert]:
        """All alerts, those that are over but lately included, in the order of the rules and by labels."""
        return [alert for key in self._alerts for _, alert in sorted(self._alerts[key].items())]

    def alerts_of(self, group: str, index: int) -> list[Alert]:
        """The alerts of one rule, by labels."""
        return [alert for _, alert in sorted(self._alerts[group, index].items())]

    def error(self, group: str, index: int) -> str:
        """Why the last evaluation of a rule failed; empty where it did not."""
        return self._errors.get((group, index), "")

    def _results(self, rule: AlertRule, now: float) -> dict[Labels, tuple[Labels, float]]:
        """Alert labels -> (annotations, value)."""
        result = self._engine.instant(rule.expr, now)
        if isinstance(result, ScalarResult):
            samples: list[tuple[Labels, float]] = [((), result.value)]
        elif isinstance(result, InstantVector):
            samples = result.samples
        else:
            raise PromqlError("rule result is not a vector or scalar")
        found: dict[Labels, tuple[Labels, float]] = {}
        for own, value in samples:
            names = dict(without_name(own))
            extra = {name: expand(text, names, value) for name, text in rule.labels.items()}
            labels = labels_of({**names, **extra, "alertname": rule.alert})
            if labels in found:
                raise PromqlError("vector contains metrics with the same labelset after applying alert labels")
            annotations = {name: expand(text, names, value) for name, text in rule.annotations.items()}
            found[labels] = (labels_of(annotations), value)
        return found

    def _record(self, now: float) -> None:
        active = [alert for alert in self.alerts() if alert.state != "resolved"]
        ids = [self._store.series("ALERTS", {**dict(alert.labels), "alertstate": alert.state}) for alert in active]
        self._store.append(now, ids, np.ones(len(ids)), target="rules")


def _advance(
    rule: AlertRule, known: dict[Labels, Alert], results: dict[Labels, tuple[Labels, float]], now: float
) -> dict[Labels, Alert]:
    """The alerts of one rule after an evaluation (Prometheus, rules/alerting.go)."""
    alerts: dict[Labels, Alert] = {}
    for labels, alert in known.items():
        if labels in results:
            continue
        if alert.state == "firing":
            alerts[labels] = replace(alert, state="resolved", resolved_at=now)
        elif alert.state == "resolved" and now - (alert.resolved_at or now) <= RESOLVED_RETENTION:
            alerts[labels] = alert
    for labels, (texts, value) in results.items():
        before = known.get(labels)
        if before is None or before.state == "resolved":
            alert = Alert(rule, labels, texts, "pending", value, active_at=now)
        else:
            alert = replace(before, annotations=texts, value=value)
        if alert.state == "pending" and now - alert.active_at >= rule.hold:
            alert = replace(alert, state="firing", fired_at=now)
        alerts[labels] = alert
    return alerts
