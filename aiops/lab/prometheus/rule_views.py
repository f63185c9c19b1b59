"""Rules and alerts as `/api/v1/rules` and `/api/v1/alerts` show them."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from aiops.core.clock import rfc3339
from aiops.lab.prometheus.encoding import answer
from aiops.lab.prometheus.parameters import BadDataError, Parameters
from aiops.lab.prometheus.rule_engine import Alert, RuleEngine
from aiops.lab.prometheus.rule_file import AlertRule, RecordingRule, Rule, RuleGroup
from aiops.lab.promql.formatting import format_scientific

NEVER = "0001-01-01T00:00:00Z"
RULE_FILE = "/etc/prometheus/rules.yml"


class RuleViews:
    """Each method answers one path."""

    def __init__(self, rules: RuleEngine) -> None:
        self._rules = rules

    def alerts(self, _: Parameters) -> Response:
        """Pending and firing alerts."""
        return answer({"alerts": [_alert(alert) for alert in self._rules.alerts() if alert.state != "resolved"]})

    def rules(self, parameters: Parameters) -> Response:
        """All groups with their rules, of one kind where it is asked for."""
        kind = parameters.first("type")
        if kind not in (None, "", "alert", "record"):
            raise BadDataError(f'invalid parameter "type": not supported value "{kind}"')
        return answer({"groups": [_group(self._rules, group, kind) for group in self._rules.groups]})


def _group(rules: RuleEngine, group: RuleGroup, kind: str | None) -> dict[str, Any]:
    kinds: dict[str, tuple[type, ...]] = {"alert": (RecordingRule,), "record": (AlertRule,)}
    hidden = kinds.get(kind or "", ())
    shown = [(index, rule) for index, rule in enumerate(group.rules) if not isinstance(rule, hidden)]
    return {
        "name": group.name,
        "file": RULE_FILE,
        "interval": group.interval or rules.interval,
        "limit": group.limit,
        "rules": [_rule(rules, rule, group.name, index) for index, rule in shown],
        "evaluationTime": 0.0,
        "lastEvaluation": _evaluated(rules),
    }


def _rule(rules: RuleEngine, rule: Rule, group: str, index: int) -> dict[str, Any]:
    error = rules.error(group, index)
    state = {
        "health": "unknown" if rules.evaluated_at is None else "err" if error else "ok",
        **({"lastError": error} if error else {}),
        "evaluationTime": 0.0,
        "lastEvaluation": _evaluated(rules),
    }
    if isinstance(rule, RecordingRule):
        labels = {"labels": rule.labels} if rule.labels else {}
        return {"name": rule.record, "query": rule.expr, **labels, **state, "type": "recording"}
    alerts = [alert for alert in rules.alerts_of(group, index) if alert.state != "resolved"]
    states = {alert.state for alert in alerts}
    return {
        "state": "firing" if "firing" in states else "pending" if states else "inactive",
        "name": rule.alert,
        "query": rule.expr,
        "duration": rule.hold,
        "keepFiringFor": rule.keep_firing_for,
        "labels": rule.labels,
        "annotations": rule.annotations,
        "alerts": [_alert(alert) for alert in alerts],
        **state,
        "type": "alerting",
    }


def _alert(alert: Alert) -> dict[str, Any]:
    return {
        "labels": dict(alert.labels),
        "annotations": dict(alert.annotations),
        "state": alert.state,
        "activeAt": rfc3339(alert.active_at, micro=True),
        "value": format_scientific(alert.value),
    }


def _evaluated(rules: RuleEngine) -> str:
    return NEVER if rules.evaluated_at is None else rfc3339(rules.evaluated_at, micro=True)
