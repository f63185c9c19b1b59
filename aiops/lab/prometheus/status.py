"""What the server says of itself: `status/buildinfo`, `config`, `flags`, `runtimeinfo`, `tsdb`, `walreplay`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import yaml
from starlette.responses import Response

from aiops.core.clock import rfc3339
from aiops.lab.prometheus.encoding import answer
from aiops.lab.prometheus.notifier import ALERTMANAGER_URL
from aiops.lab.prometheus.parameters import Parameters
from aiops.lab.prometheus.rule_views import RULE_FILE
from aiops.lab.promql.selectors import MAX_SAMPLES
from aiops.lab.tsdb import NAME, Matcher, TimeSeriesStore
from aiops.lab.tsdb.store import milliseconds

HEAD = 2 * 3600.0
"""Seconds that Prometheus keeps in its head block."""

MOST = 10
"""Rows of each table of cardinalities."""

FLAGS = {
    "config.file": "/etc/prometheus/prometheus.yml",
    "enable-feature": "",
    "query.lookback-delta": "5m",
    "query.max-samples": str(MAX_SAMPLES),
    "query.timeout": "2m",
    "storage.tsdb.path": "/prometheus",
    "storage.tsdb.retention.time": "7d",
    "web.enable-admin-api": "false",
    "web.enable-lifecycle": "false",
    "web.listen-address": "0.0.0.0:9090",
    "web.page-title": "Prometheus Time Series Collection and Processing Server",
}


class Status:
    """Each method answers one path."""

    def __init__(self, store: TimeSeriesStore, interval: float, now: Callable[[], float]) -> None:
        self._store = store
        self._interval = f"{interval:g}s"
        self._now = now
        self._started = now()

    def buildinfo(self, _: Parameters) -> Response:
        unknown = dict.fromkeys(("revision", "branch", "buildUser", "buildDate", "goVersion"), "")
        return answer({"version": "2.42.0", **unknown})

    def config(self, _: Parameters) -> Response:
        jobs = sorted({labels.get("job", "") for labels in self._up()})
        document: dict[str, Any] = {
            "global": {
                "scrape_interval": self._interval,
                "scrape_timeout": "10s",
                "evaluation_interval": self._interval,
            },
            "alerting": {"alertmanagers": [{"static_configs": [{"targets": [ALERTMANAGER_URL.partition("://")[2]]}]}]},
            "rule_files": [RULE_FILE],
            "scrape_configs": [{"job_name": job, "scrape_interval": self._interval} for job in jobs],
        }
        return answer({"yaml": yaml.safe_dump(document, sort_keys=False)})

    def flags(self, _: Parameters) -> Response:
        return answer(FLAGS)

    def runtimeinfo(self, _: Parameters) -> Response:
        return answer(
            {
                "startTime": rfc3339(self._started),
                "CWD": "/prometheus",
                "reloadConfigSuccess": True,
                "lastConfigTime": rfc3339(self._started),
                "corruptionCount": 0,
                "goroutineCount": 0,
                "GOMAXPROCS": 1,
                "GOGC": "",
                "GODEBUG": "",
                "storageRetention": FLAGS["storage.tsdb.retention.time"],
            }
        )

    def tsdb(self, _: Parameters) -> Response:
        """How many series there are of what, in the last two hours."""
        now = self._now()
        found = self._store.labels((), now - HEAD, now)
        names = Counter(value for labels in found for name, value in labels if name == NAME)
        pairs = Counter(pair for labels in found for pair in labels)
        values = Counter(name for name, _ in pairs)
        memory: Counter[str] = Counter()
        for name, value in pairs:
            memory[name] += len(value)
        return answer(
            {
                "headStats": {
                    "numSeries": len(found),
                    "numLabelPairs": len(pairs),
                    "chunkCount": len(found),
                    "minTime": milliseconds(now - HEAD),
                    "maxTime": milliseconds(now),
                },
                "seriesCountByMetricName": _most(names),
                "labelValueCountByLabelName": _most(values),
                "memoryInBytesByLabelName": _most(memory),
                "seriesCountByLabelValuePair": _most(Counter({f"{n}={v}": count for (n, v), count in pairs.items()})),
            }
        )

    def walreplay(self, _: Parameters) -> Response:
        return answer({"min": 0, "max": 0, "current": 0})

    def _up(self) -> list[dict[str, str]]:
        now = self._now()
        return [dict(labels) for labels in self._store.labels((Matcher(NAME, "=", "up"),), now - 300, now)]


def _most(counts: Counter[str]) -> list[dict[str, Any]]:
    ranked = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return [{"name": name, "value": count} for name, count in ranked[:MOST]]
