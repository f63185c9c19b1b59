"""What the API server tells of the admission webhooks that it asks."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from aiops.lab.exporters.exposition.page import Durations, Page
from aiops.lab.kube.storage.requests import RequestLog, WebhookCall

_PREFIX = "apiserver_admission_webhook"
_BOUNDS = np.array([0.005, 0.025, 0.1, 0.5, 1.0, 2.5, 10.0, 25.0])


class WebhookMetrics:
    """Counts on a page what a log holds since the last time."""

    def __init__(self, page: Page, log: RequestLog) -> None:
        self._page = page
        self._log = log
        self._durations = Durations(page, f"{_PREFIX}_admission_duration_seconds", _BOUNDS)

    def count(self) -> None:
        for call, seconds in self._log.webhook_seconds:
            self._durations.add(call[:4], partial(_timed, call), 1.0, seconds)
        self._log.webhook_seconds.clear()
        for call, total in self._log.webhooks.items():
            for name, labels in _counters(call):
                self._page.put((name, call), f"{_PREFIX}_{name}", labels, total)
        for (name, kind), total in self._log.ignored.items():
            self._page.put(("ignored", name, kind), f"{_PREFIX}_fail_open_count", {"name": name, "type": kind}, total)


def _counters(call: WebhookCall) -> Iterator[tuple[str, dict[str, str]]]:
    """The counters that a call is counted in, each with its labels."""
    code = "0" if call.error_type else str(call.code or 200)
    yield "request_total", _asked(call) | {"code": code, "rejected": _word(call.rejected)}
    if call.rejected:
        why = {"error_type": call.error_type or "no_error", "rejection_code": str(call.code)}
        yield "rejection_count", _asked(call) | why


def _asked(call: WebhookCall) -> dict[str, str]:
    return {"name": call.name, "type": call.type, "operation": call.operation}


def _timed(call: WebhookCall) -> dict[str, str]:
    return _asked(call) | {"rejected": _word(call.rejected)}


def _word(value: bool) -> str:
    return "true" if value else "false"
