"""Alertmanager's webhook (payload version 4), read into signals."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field

from aiops.core.entity import Entity
from aiops.core.incident import Signal

KINDS = {
    "deployment": "Deployment",
    "statefulset": "StatefulSet",
    "daemonset": "DaemonSet",
    "job_name": "Job",
    "service": "Service",
    "pod": "Pod",
    "node": "Node",
}
"""Alert labels that name an object, the most telling first."""

MAX_TEXT = 4000

MOST_LABELS = 200
LONGEST_LABEL = 4096
"""Characters of a label's name or value; Prometheus' own names and Kubernetes' take a tenth of it."""

OLDEST = 30 * 86400.0
"""Seconds before its arrival at which an alert can have begun: nobody keeps telemetry for longer than that, and a
zero time is Alertmanager's way to say that it does not know."""


def _encodable(text: str) -> str:
    """Half a surrogate pair is text that nobody could write down again."""
    text.encode()  # UnicodeEncodeError is a ValueError
    return text


Text = Annotated[str, AfterValidator(_encodable)]
Label = Annotated[str, Field(max_length=LONGEST_LABEL), AfterValidator(_encodable)]


class Alert(BaseModel):
    """One alert. Fields that we do not read are allowed and ignored."""

    status: Literal["firing", "resolved"]
    labels: dict[Label, Label] = Field(max_length=MOST_LABELS)
    annotations: dict[Text, Text] = Field(default_factory=dict)
    startsAt: datetime  # noqa: N815 - Alertmanager's name
    endsAt: datetime | None = None  # noqa: N815
    generatorURL: str = ""  # noqa: N815
    fingerprint: Label = ""


class Notification(BaseModel):
    """The body that Alertmanager posts."""

    version: Literal["4"]
    status: Literal["firing", "resolved"]
    receiver: str = ""
    groupKey: str = ""  # noqa: N815
    alerts: list[Alert] = Field(max_length=1000)


def signals(notification: Notification, received_at: float) -> list[Signal]:
    """One signal for each alert."""
    return [_signal(alert, received_at) for alert in notification.alerts]


def _signal(alert: Alert, received_at: float) -> Signal:
    fingerprint = alert.fingerprint or _fingerprint(alert.labels)
    began = alert.startsAt.timestamp()
    name = alert.labels.get("alertname", "alert")
    summary = alert.annotations.get("summary") or alert.annotations.get("message") or ""
    return Signal(
        id=f"{fingerprint}-{began:.0f}",
        kind="alert",
        title=f"{name}: {summary}"[:300] if summary else name[:300],
        text=alert.annotations.get("description", "")[:MAX_TEXT],
        labels=alert.labels,
        subject=_subject(alert.labels),
        fingerprint=fingerprint,
        starts_at=min(max(began, received_at - OLDEST), received_at),
        received_at=received_at,
        resolved=alert.status == "resolved",
    )


def _fingerprint(labels: dict[str, str]) -> str:
    return hashlib.sha256(json.dumps(labels, sort_keys=True).encode()).hexdigest()[:16]


def _subject(labels: dict[str, str]) -> Entity | None:
    for label, kind in KINDS.items():
        if name := labels.get(label):
            namespace = "" if kind == "Node" else labels.get("namespace", "")
            return Entity(kind=kind, namespace=namespace, name=name)
    return None
