"""A Prometheus that scraped a recorded exposition again and again, its counters growing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import httpx2
import numpy as np

from aiops.clients.prometheus import PrometheusClient
from aiops.lab.prometheus import RuleEngine, prometheus_app
from aiops.lab.tsdb import TimeSeriesStore

FOLDER = Path(__file__).parents[1] / "analysis" / "signals" / "expositions"
LINE = re.compile(r"([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$")
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
INTERVAL = 15.0


def samples(text: str) -> list[tuple[str, dict[str, str], float]]:
    """(name, labels, value) of each line of an exposition that is no comment."""
    found = [LINE.match(line.strip()) for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(one[1], dict(LABEL.findall(one[2] or "")), float(one[3])) for one in found if one is not None]


def recorded(name: str, target: Mapping[str, str]) -> list[tuple[str, dict[str, str], float]]:
    """The samples of a recorded exposition, with the labels that the scrape adds."""
    text = (FOLDER / f"{name}.prom").read_text()
    return [(metric, {**target, **labels}, value) for metric, labels, value in samples(text)]


def scraped(
    found: Iterable[tuple[str, dict[str, str], float]], end: float, scrapes: int = 40, interval: float = INTERVAL
) -> TimeSeriesStore:
    """A store in which each value of the exposition is by how much the series grew in each scrape up to `end`."""
    store = TimeSeriesStore()
    kept = list(found)
    ids = [store.series(name, labels) for name, labels, _ in kept]
    values = np.array([value for _, _, value in kept])
    for number in range(scrapes):
        store.append(end - (scrapes - 1 - number) * interval, ids, values * (number + 1))
    return store


def client_of(store: TimeSeriesStore, now: float) -> PrometheusClient:
    """A client of a Prometheus over a store."""
    app = prometheus_app(store, RuleEngine((), store), lambda: now)
    return PrometheusClient.at("http://prometheus", transport=httpx2.ASGITransport(app=app))
