"""The alerts that fire now."""

from __future__ import annotations

from typing import Any

from aiops.core.clock import from_rfc3339
from aiops.core.entity import Entity
from aiops.core.errors import InvalidInputError, RemoteError, ServiceError
from aiops.core.model import Value
from aiops.tools.kit.alert_labels import namespace_of, subject_of
from aiops.tools.kit.arguments import Limit, Namespace
from aiops.tools.kit.context import Context
from aiops.tools.kit.registry import tool
from aiops.tools.kit.results import Result, bounded


class Alert(Value):
    """One firing alert. `labels` are all of its rule and series; `subject` is what they say it is about.

    `since` is when its condition began, in unix seconds; None where Prometheus does not say.
    """

    name: str
    subject: Entity
    severity: str = ""
    summary: str = ""
    since: float | None = None
    labels: dict[str, str]


class AlertList(Result):
    """Firing alerts by name and labels; `pending` counts those whose condition holds, but not yet for long enough."""

    alerts: tuple[Alert, ...] = ()
    pending: int = 0


@tool(effect="reads")
async def firing_alerts(ctx: Context, namespace: Namespace = "", limit: Limit = 200) -> AlertList:
    """List the alerts that fire now, as Prometheus tells. Without a namespace, those of nodes and of the cluster too.

    An empty list means that none fires; where that could not be seen, the result says so."""
    ctx.scope(namespace)
    if ctx.metrics is None:
        return AlertList(no_data="no Prometheus is configured")
    try:
        found = [one for one in await ctx.metrics.alerts() if _wanted(ctx, namespace, _labels(one))]
    except RemoteError as error:
        return AlertList(no_data=str(error))
    firing = sorted((_alert(one) for one in found if one.get("state") == "firing"), key=_order)
    kept, left_out = bounded(firing, limit)
    return AlertList(alerts=kept, left_out=left_out, pending=sum(one.get("state") == "pending" for one in found))


def _wanted(ctx: Context, namespace: str, labels: dict[str, str]) -> bool:
    home = namespace_of(labels)
    return home == namespace if namespace else ctx.allows(home)


def _labels(alert: Any) -> dict[str, str]:
    labels = alert.get("labels") if isinstance(alert, dict) else None
    if not isinstance(labels, dict):
        raise ServiceError(f"Prometheus: an alert has no labels: {str(alert)[:100]!r}", 200)
    return {str(name): str(value) for name, value in labels.items()}


def _alert(alert: dict[str, Any]) -> Alert:
    labels, said = _labels(alert), alert.get("annotations")
    notes = said if isinstance(said, dict) else {}
    return Alert(
        name=labels.get("alertname", ""),
        subject=subject_of(labels),
        severity=labels.get("severity", "").lower(),
        summary=str(notes.get("summary") or notes.get("description") or ""),
        since=_since(alert.get("activeAt")),
        labels=labels,
    )


def _since(text: Any) -> float | None:
    try:
        return from_rfc3339(text) if isinstance(text, str) else None
    except InvalidInputError:
        return None


def _order(alert: Alert) -> tuple[str, list[tuple[str, str]]]:
    return alert.name, sorted(alert.labels.items())
