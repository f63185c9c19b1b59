"""Which alerts fire."""

from __future__ import annotations

from aiops.agents.ask.asking import Asking
from aiops.agents.ask.registry import Shape, question
from aiops.agents.scan.notices import alert_subject
from aiops.core.errors import RemoteError
from aiops.core.evidence import Window
from aiops.tools.metric_query import metric_query

FIRING = 'ALERTS{alertstate="firing"}'


@question(
    name="alerts",
    examples=("Which alerts are firing?",),
    shapes=(Shape((("alert",),), helps=("namespace", "count"), never=("log", "may", "impact", "change")),),
)
async def alerts(ask: Asking) -> None:
    """The alerts that fire now, as Prometheus tells."""
    if ask.ctx.metrics is None:
        ask.refuse("No Prometheus is configured (AIOPS_PROMETHEUS_URL), so no alert can be seen.")
        return
    try:
        found = await ask.ctx.metrics.alerts()
    except RemoteError as error:
        ask.refuse(f"The alerts could not be read: {error}")
        return
    firing = [one for one in found if one.get("state") == "firing" and _here(ask, one["labels"])]
    cited = ask.cite(
        metric_query, f"{len(firing)} alerts", query=FIRING, window=Window(start=ask.now - 300, end=ask.now)
    )
    pending = sum(one.get("state") == "pending" and _here(ask, one["labels"]) for one in found)
    more = f" {pending} more {'is' if pending == 1 else 'are'} pending." if pending else ""
    count = f"{len(firing)} alert{'s fire' if len(firing) > 1 else ' fires'}" if firing else "No alert fires"
    ask.say(f"{count} {ask.where()}.{more}", cited)
    if firing:
        columns = ("alert", "severity", "about", "since", "summary")
        ask.table(
            columns, [_row(one) for one in sorted(firing, key=lambda one: str(one["labels"].get("alertname", "")))]
        )


def _here(ask: Asking, labels: dict[str, str]) -> bool:
    home = alert_subject(labels)
    namespace = home.name if home.kind == "Namespace" else home.namespace
    return not ask.namespace or namespace == ask.namespace


def _row(alert: dict[str, dict[str, str]]) -> tuple[str, str, str, str, str]:
    labels, notes = alert["labels"], alert.get("annotations", {})
    summary = notes.get("summary") or notes.get("description") or ""
    return (
        labels.get("alertname", ""),
        labels.get("severity", ""),
        str(alert_subject(labels)),
        str(alert.get("activeAt", ""))[:19],
        summary,
    )
