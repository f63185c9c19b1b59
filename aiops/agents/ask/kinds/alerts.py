"""Which alerts fire."""

from __future__ import annotations

from aiops.agents.ask.asking import Asking
from aiops.agents.ask.registry import Shape, question
from aiops.core.clock import rfc3339
from aiops.tools.firing_alerts import Alert, firing_alerts

MOST = 500


@question(
    name="alerts",
    examples=("Which alerts are firing?",),
    shapes=(Shape((("alert",),), helps=("namespace", "count"), never=("log", "may", "impact", "change")),),
)
async def alerts(ask: Asking) -> None:
    """The alerts that fire now, as Prometheus tells."""
    found = await ask.read(firing_alerts, ask.namespace, MOST)
    if found is None or found.no_data:
        ask.refuse("No alert can be seen (is AIOPS_PROMETHEUS_URL set?).")
        return
    firing = len(found.alerts) + found.left_out
    cited = ask.cite(firing_alerts, f"{firing} alerts", namespace=ask.namespace, limit=MOST)
    pending = found.pending
    more = f" {pending} more {'is' if pending == 1 else 'are'} pending." if pending else ""
    count = f"{firing} alert{'s fire' if firing > 1 else ' fires'}" if firing else "No alert fires"
    ask.say(f"{count} {ask.where()}.{more}", cited)
    if found.alerts:
        ask.table(("alert", "severity", "about", "since", "summary"), [_row(alert) for alert in found.alerts])


def _row(alert: Alert) -> tuple[str, str, str, str, str]:
    since = "" if alert.since is None else rfc3339(alert.since)
    return alert.name, alert.severity, str(alert.subject), since, alert.summary
