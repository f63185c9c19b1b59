"""What is scraped, and who is told of alerts: `targets`, `targets/metadata`, `alertmanagers`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.responses import Response

from aiops.core.clock import rfc3339
from aiops.core.telemetry import Series
from aiops.lab.prometheus.catalogue import metric_names
from aiops.lab.prometheus.encoding import answer
from aiops.lab.prometheus.metadata import metadata_of
from aiops.lab.prometheus.notifier import ALERTMANAGER_URL
from aiops.lab.prometheus.parameters import Parameters
from aiops.lab.tsdb import NAME, Matcher, TimeSeriesStore

SCRAPE_TIMEOUT = "10s"


class Targets:
    """A target is what the series `up` tells of. Each method answers one path."""

    def __init__(self, store: TimeSeriesStore, interval: float, now: Callable[[], float]) -> None:
        self._store = store
        self._interval = interval
        self._now = now

    def targets(self, parameters: Parameters) -> Response:
        state, pool = parameters.first("state") or "any", parameters.first("scrapePool") or ""
        active = [self._target(series) for series in self._up()] if state in ("any", "active") else []
        return answer(
            {
                "activeTargets": [target for target in active if pool in ("", target["scrapePool"])],
                "droppedTargets": [],
            }
        )

    def metadata(self, parameters: Parameters) -> Response:
        """Types of the metrics, without a target: all of a job's say the same."""
        limit, wanted, now = parameters.limit(), parameters.first("metric") or "", self._now()
        names = metric_names(self._store, now)
        found = [
            {"target": {}, "metric": name, **entry}
            for name, entries in metadata_of(names).items()
            for entry in entries
            if wanted in ("", name)
        ]
        return answer(found if limit < 0 else found[:limit])

    def alertmanagers(self, _: Parameters) -> Response:
        active = [{"url": f"{ALERTMANAGER_URL}/api/v2/alerts"}]
        return answer({"activeAlertmanagers": active, "droppedAlertmanagers": []})

    def _up(self) -> list[Series]:
        now = self._now()
        return self._store.select((Matcher(NAME, "=", "up"),), now - 300, now)

    def _target(self, series: Series) -> dict[str, Any]:
        own = {name: value for name, value in series.labels.items() if name != NAME}
        up = float(series.values[-1]) == 1
        url = f"http://{own.get('instance', '')}/metrics"
        return {
            "discoveredLabels": {"__address__": own.get("instance", ""), "job": own.get("job", "")},
            "labels": own,
            "scrapePool": own.get("job", ""),
            "scrapeUrl": url,
            "globalUrl": url,
            "lastError": "" if up else "context deadline exceeded",
            "lastScrape": rfc3339(float(series.times[-1]), micro=True),
            "lastScrapeDuration": 0.0,
            "health": "up" if up else "down",
            "scrapeInterval": f"{self._interval:g}s",
            "scrapeTimeout": SCRAPE_TIMEOUT,
        }
