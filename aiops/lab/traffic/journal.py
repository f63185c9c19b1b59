"""What processes log in a step: a sample of the requests, and failed calls as the client reports them."""

from __future__ import annotations

from typing import Any

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.traffic.flow import Flow
from aiops.lab.traffic.graph import OUTCOMES, STATUSES
from aiops.lab.traffic.languages import Phrases
from aiops.lab.traffic.process import LogEntry, Process

_ACCESS_SHARE = 0.15
"""Share of processes that write an access line in a step; a failed request is always worth one."""
_MOST_LINES = 4
_TIMEOUT = OUTCOMES.index("timeout")


class LogWriter:
    """Writes at most four lines a process and step."""

    def __init__(self, phrases: Phrases) -> None:
        self._phrases = phrases

    def write(self, flow: Flow, now: float, dt: float, rng: np.random.Generator) -> None:
        graph = flow.graph
        written: dict[int, list[LogEntry]] = {}
        failing = flow.attempts * (1.0 - flow.call_ok)
        chosen = np.flatnonzero(rng.random(len(failing)) < -np.expm1(-failing))
        for call in chosen.tolist():
            info = graph.calls[call]
            lines = written.setdefault(info.process, [])
            if len(lines) < _MOST_LINES - 1:
                for _ in range(1 + int(failing[call] > 20 * dt)):
                    lines += self._failure(flow, call, graph.processes[info.process], now, dt, rng)
        lucky = rng.random(len(flow.requests))
        share = np.where(flow.requests * flow.fails > 0.5, 0.5, _ACCESS_SHARE)
        for handler in np.flatnonzero((lucky < share) & (flow.requests >= 1.0)).tolist():
            info_ = graph.handlers[handler]
            lines = written.setdefault(info_.process, [])
            if len(lines) < _MOST_LINES:
                lines += self._access(flow, handler, graph.processes[info_.process], now, dt, rng)
        for process in sorted(written):
            graph.processes[process].log.extend(sorted(written[process], key=lambda entry: entry.time))

    def _failure(
        self, flow: Flow, call: int, process: Process, now: float, dt: float, rng: np.random.Generator
    ) -> list[LogEntry]:
        """The line that a client writes about a failed call."""
        graph, info = flow.graph, flow.graph.calls[call]
        kinds = ("dropped", "refused", "unresolved", "denied", "timeout", *(str(status) for status in STATUSES))
        shares = np.array(
            [
                graph.dropped[call],
                graph.refused[call],
                graph.unresolved[call],
                graph.denied[call],
                flow.call_timeout[call],
                *flow.call_statuses[:, call],
            ]
        )
        kind = kinds[_draw(shares, rng)]
        event = "status" if kind.isdigit() else kind
        template = self._phrases.failure(process.program.language, event)
        values = {**_places(process, rng), "route": info.route, "target": info.host, "host": info.host}
        values |= {"address": info.shown, "status": kind}
        return [LogEntry(now - dt * rng.random(), template, values)] if template else []

    def _access(
        self, flow: Flow, handler: int, process: Process, now: float, dt: float, rng: np.random.Generator
    ) -> list[LogEntry]:
        """The line that a server writes about a request."""
        info = flow.graph.handlers[handler]
        template = self._phrases.access(process.program.language)
        if not template:
            return []
        failed = rng.random() < flow.fails[handler]
        mu, sigma = (flow.fail_mu, flow.fail_sigma) if failed else (flow.ok_mu, flow.ok_sigma)
        seconds = float(np.exp(mu[handler] + sigma[handler] * rng.standard_normal()))
        status = STATUSES[_draw(flow.statuses[:, handler], rng)] if failed else 200
        if process.program.role == "store" and seconds < 0.1:
            return []
        values = {**_places(process, rng), "method": info.method, "path": info.path, "status": status}
        values |= {"ms": seconds * 1000, "duration": seconds, "bytes": int(rng.integers(180, 9000))}
        if info.ingress:
            upstream = next((c.shown for c in flow.graph.calls if c.key == (process.container.id, info.route)), "-")
            values |= {"upstream": f"{info.ingress[0]}-{info.ingress[3]}-http", "backend": upstream or "-"}
        return [LogEntry(now - dt * rng.random(), template, values)]


def _places(process: Process, rng: np.random.Generator) -> dict[str, Any]:
    low, high = rng.integers(0, 2**63, 2).tolist()
    return {
        "port": process.program.port,
        "pod": process.pod,
        "thread": 1 + low % 10,
        "trace": f"{low:016x}{high:016x}",
        "client": f"203.0.113.{1 + high % 254}",
    }


def _draw(shares: FloatArray, rng: np.random.Generator) -> int:
    """One index, by its share."""
    total = np.cumsum(shares)
    return int(np.searchsorted(total, rng.random() * total[-1], side="right").clip(0, len(shares) - 1))
