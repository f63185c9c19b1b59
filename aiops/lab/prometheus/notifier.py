"""Alertmanager's grouping: when which alerts are told, and the webhook's body (version 4)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from aiops.core.clock import rfc3339
from aiops.lab.prometheus.rule_engine import Alert, RuleEngine
from aiops.lab.tsdb import Labels

NEVER = "0001-01-01T00:00:00Z"
ALERTMANAGER_URL = "http://alertmanager.monitoring:9093"


@dataclass(frozen=True, slots=True)
class Notification:
    """One webhook call that is due. It stays due until `Notifier.delivered` is told."""

    group_key: str
    payload: dict[str, Any]
    firing: frozenset[Labels]
    resolved: frozenset[Labels]


@dataclass(slots=True)
class _Group:
    labels: Labels
    flush_at: float
    alerts: dict[Labels, Alert] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Sent:
    at: float
    firing: frozenset[Labels]
    resolved: frozenset[Labels]


@dataclass(frozen=True, slots=True)
class Timing:
    """Alertmanager's times in seconds: before the first notification of a group, between two with news, and before
    old news is told again."""

    group_wait: float = 30.0
    group_interval: float = 300.0
    repeat_interval: float = 4 * 3600.0


class Notifier:
    """Groups the rule engine's alerts by `group_by` and says which notifications are due."""

    def __init__(
        self,
        rules: RuleEngine,
        *,
        receiver: str = "aiops",
        group_by: tuple[str, ...] = ("alertname", "namespace"),
        timing: Timing | None = None,
        prometheus_url: str = "http://prometheus.monitoring:9090",
        alertmanager_url: str = ALERTMANAGER_URL,
    ) -> None:
        self._rules = rules
        self._receiver = receiver
        self._group_by = group_by
        self._timing = timing or Timing()
        self._prometheus_url = prometheus_url
        self._alertmanager_url = alertmanager_url
        self._groups: dict[str, _Group] = {}
        self._log: dict[str, _Sent] = {}

    def due(self, now: float) -> list[Notification]:
        """Notifications to be sent at `now` (unix seconds), by group."""
        for alert in self._rules.alerts():
            if alert.state != "pending":
                self._receive(alert, now)
        found = []
        for key, group in sorted(self._groups.items()):
            if now < group.flush_at:
                continue
            notification = self._notification(key, group)
            if self._has_news(key, notification, now):
                found.append(notification)
            else:
                self._flushed(key, notification.resolved, now)
        return found

    def delivered(self, notification: Notification, now: float) -> None:
        """The receiver has taken a notification: it is no longer due, and alerts that it told as over are dropped."""
        self._log[notification.group_key] = _Sent(now, notification.firing, notification.resolved)
        self._flushed(notification.group_key, notification.resolved, now)

    def _receive(self, alert: Alert, now: float) -> None:
        labels = tuple(pair for pair in alert.labels if pair[0] in self._group_by)
        key = f"{{}}:{_written(labels)}"
        group = self._groups.get(key)
        if alert.state == "resolved" and (group is None or alert.labels not in group.alerts):
            return
        if group is None:
            group = self._groups[key] = _Group(labels, flush_at=now + self._timing.group_wait)
        group.alerts[alert.labels] = alert

    def _has_news(self, key: str, notification: Notification, now: float) -> bool:
        """Alertmanager's rule (notify/notify.go, needsUpdate)."""
        last = self._log.get(key)
        if last is None:
            return bool(notification.firing)
        if not notification.firing <= last.firing:
            return True
        if not notification.firing:
            return bool(last.firing)
        return not notification.resolved <= last.resolved or now - last.at >= self._timing.repeat_interval

    def _flushed(self, key: str, resolved: frozenset[Labels], now: float) -> None:
        group = self._groups[key]
        for labels in resolved:
            if group.alerts[labels].state == "resolved":
                del group.alerts[labels]
        group.flush_at = now + self._timing.group_interval
        if not group.alerts:
            del self._groups[key]

    def _notification(self, key: str, group: _Group) -> Notification:
        alerts = [alert for _, alert in sorted(group.alerts.items())]
        firing = frozenset(alert.labels for alert in alerts if alert.state == "firing")
        payload = {
            "receiver": self._receiver,
            "status": "firing" if firing else "resolved",
            "alerts": [self._alert(alert) for alert in alerts],
            "groupLabels": dict(group.labels),
            "commonLabels": _common([alert.labels for alert in alerts]),
            "commonAnnotations": _common([alert.annotations for alert in alerts]),
            "externalURL": self._alertmanager_url,
            "version": "4",
            "groupKey": key,
            "truncatedAlerts": 0,
        }
        return Notification(key, payload, firing, frozenset(group.alerts) - firing)

    def _alert(self, alert: Alert) -> dict[str, Any]:
        return {
            "status": alert.state,
            "labels": dict(alert.labels),
            "annotations": dict(alert.annotations),
            "startsAt": rfc3339(alert.fired_at or alert.active_at, micro=True),
            "endsAt": rfc3339(alert.resolved_at, micro=True) if alert.resolved_at is not None else NEVER,
            "generatorURL": f"{self._prometheus_url}/graph?g0.expr={quote(alert.rule.expr)}&g0.tab=1",
            "fingerprint": fingerprint(alert.labels),
        }


def fingerprint(labels: Labels) -> str:
    """The 64-bit FNV-1a hash of a label set, as in prometheus/common: 16 hexadecimal digits."""
    digest = 0xCBF29CE484222325
    for pair in labels:
        for byte in b"".join(text.encode() + b"\xff" for text in pair):
            digest = ((digest ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return f"{digest:016x}"


def _written(labels: Labels) -> str:
    return "{" + ", ".join(f'{name}="{value}"' for name, value in labels) + "}"


def _common(label_sets: list[Labels]) -> dict[str, str]:
    """The pairs that all label sets share."""
    return {name: value for name, value in label_sets[0] if all((name, value) in other for other in label_sets)}
