"""How many requests the assistant makes: for people who own the API server and the Prometheus."""

from __future__ import annotations

from aiops.agents.connect.report import Load
from aiops.agents.scan.reading import SCANNED_KINDS, scopes
from aiops.clients.kubernetes import PAGE, WATCH_SECONDS
from aiops.tools.kit.call_metrics import CLIENTS
from aiops.tools.kit.context import Context
from aiops.watch.recorder import watched

CALL_QUERIES = 2 * len(CLIENTS) + 2
"""PromQL queries that read the calls between workloads: counts and durations, and those of the ingress."""

SCAN_QUERIES = 2
"""Requests of a scan to Prometheus beside the calls: alerts and certificates."""

INVESTIGATION = Load(activity="one investigation of a namespace, about", kubernetes=135, prometheus=100, jaeger=20)
"""Measured with all specialists on a namespace of some twenty workloads; a test counts it again."""


def load(ctx: Context, pods: int) -> tuple[Load, ...]:
    """The requests of watching, of a scan and of an investigation. `pods` is how many there are, for the pages."""
    watches = len(watched(ctx.namespaces))
    lists = len(scopes(ctx, ())) + pods // PAGE
    metrics = ctx.metrics is not None
    return (
        Load(
            activity=f"watching for changes ({watches} open watches)",
            kubernetes=round(watches * 60 / WATCH_SECONDS, 1),
            prometheus=0,
            every_minute=True,
        ),
        Load(
            activity=f"one scan ({len(SCANNED_KINDS)} kinds)",
            kubernetes=lists,
            prometheus=SCAN_QUERIES + CALL_QUERIES if metrics else 0,
            jaeger=1 if ctx.traces is not None else 0,
        ),
        INVESTIGATION.model_copy(
            update={
                "prometheus": INVESTIGATION.prometheus if metrics else 0,
                "jaeger": INVESTIGATION.jaeger if ctx.traces is not None else 0,
            }
        ),
    )
