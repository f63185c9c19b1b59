"""The samples that both are asked about: counters with resets, histograms, gauges, gaps, series that end and come back,
odd numbers, scrapes at uneven times.

What is before `TAIL` goes into a block, for which OpenMetrics' text format knows no staleness markers: there no series
of a group ends. From `TAIL` on samples are sent by remote write, which knows them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from random import Random

import numpy as np

from aiops.lab.tsdb import NAME, Labels, TimeSeriesStore, labels_of

START = 1_700_000_000_000
TAIL = START + 45 * 60_000
END = START + 65 * 60_000
"""Milliseconds."""

Row = dict[Labels, float]


@dataclass
class Group:
    """Series that are scraped together: one row of samples a scrape."""

    name: str
    times: list[int] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)

    def add(self, time: int, row: Row) -> None:
        self.times.append(time)
        self.rows.append(row)


def named(name: str, labels: Mapping[str, str]) -> Labels:
    return labels_of({**labels, NAME: name})


def moments(random: Random, interval: int, jitter: int, holes: tuple[tuple[int, int], ...] = ()) -> Iterator[int]:
    """Scrape times, without those that fall into a hole (milliseconds after the start)."""
    for ideal in range(START, END, interval):
        time = ideal + random.randint(0, jitter)
        while int(time / 1000 * 1000) != time:  # promtool cuts what is lost between seconds and milliseconds
            time += 1
        if not any(low <= time - START < high for low, high in holes):
            yield time


class Counters:
    """Counters that rise by chance and start again now and then."""

    def __init__(self, random: Random, whole: bool = True) -> None:
        self._random = random
        self._whole = whole
        self._values: dict[Labels, float] = {}

    def step(self, labels: Labels, rise: float, resets: float = 0.02) -> float:
        value = self._values.get(labels, 0.0)
        if self._random.random() < resets:
            value = 0.0
        grown = self._random.expovariate(1 / rise) if rise else 0.0
        value += round(grown) if self._whole else grown
        self._values[labels] = value
        return value


BOUNDS = ("0.005", "0.05", "0.1", "0.5", "1", "2.5", "+Inf")


def api(random: Random) -> Group:
    """Requests and their durations, every 15 s; one instance comes late, and one goes."""
    group, counts, sums = Group("api"), Counters(random), Counters(random, whole=False)
    for time in moments(random, 15_000, 40):
        row: Row = {}
        for service, instance in (("cart", "1"), ("cart", "2"), ("geo", "1"), ("geo", "2"), ("user", "1")):
            if (service, instance) == ("geo", "2") and time < START + 12 * 60_000:
                continue
            if (service, instance) == ("cart", "2") and TAIL + 240_000 < time < TAIL + 600_000:
                continue
            target = {"service": service, "instance": instance, "job": "api"}
            for code, rise in (("200", 40.0), ("404", 2.0), ("500", 0.3), ("503", 0.0)):
                labels = named("http_requests_total", {**target, "code": code})
                row[labels] = counts.step(labels, rise)
            total = 0.0
            for bound in BOUNDS:
                labels = named("http_request_duration_seconds_bucket", {**target, "le": bound})
                total += counts.step(labels, 2.0, resets=0.0)
                row[labels] = total
            row[named("http_request_duration_seconds_count", target)] = total
            labels = named("http_request_duration_seconds_sum", target)
            row[labels] = sums.step(labels, 3.7)
        group.add(time, row)
    return group


def nodes(random: Random) -> Group:
    """Gauges of nodes, every 30 s, with eight minutes and one minute missed; two metrics share their label sets."""
    group = Group("nodes")
    temperature = dict.fromkeys("abcd", 20.0)
    for time in moments(random, 30_000, 900, ((900_000, 1_380_000), (2_000_000, 2_070_000))):
        row: Row = {}
        for index, node in enumerate("abcd"):
            temperature[node] += random.gauss(0, 2)
            target = {"node": node, "job": "node", "zone": "east" if index < 2 else "west"}
            row[named("node_temperature_celsius", target)] = temperature[node]
            row[named("node_memory_bytes", {**target, "kind": "free"})] = float(random.randrange(10**9, 10**10))
            row[named("node_memory_bytes", {**target, "kind": "total"})] = 1.6e10
            row[named("node_load1", target)] = float(random.choice((0, 0, 1, 2, 3)))
            row[named("node_info", {"node": node, "version": f"v{index % 2}", "os": "linux"})] = 1.0
            row[named("node_boot_time_seconds", target)] = 1_699_900_000.0 + index * 86_400
        group.add(time, row)
    return group


def odd(random: Random) -> Group:
    """Numbers that are hard to add, compare or write."""
    group = Group("odd")
    huge = (1.0, 1e100, 1.0, -1e100)
    for index, time in enumerate(moments(random, 20_000, 0)):
        row: Row = {
            named("odd", {"kind": "huge"}): huge[index % 4],
            named("odd", {"kind": "nan"}): math.nan,
            named("odd", {"kind": "inf"}): math.inf,
            named("odd", {"kind": "neginf"}): -math.inf,
            named("odd", {"kind": "tiny"}): 1e-9 * (index % 7),
            named("odd", {"kind": "tenth"}): 0.1,
            named("odd", {"kind": "negative"}): -float(index % 5) - 0.5,
            named("odd", {"kind": "mixed"}): (math.nan, 2.0, -3.0, math.inf, 0.25)[index % 5 if index % 11 else 0],
            named("odd", {"kind": "zero"}): -0.0 if index % 2 else 0.0,
            named("angle", {"i": "1"}): math.sin(index / 3),
            named("angle", {"i": "2"}): index / 10,
            named("jump", {}): float(index // 9 * 1000 - index * 3),
            named("rising_total", {"i": "float"}): index * 0.1,
            named("rising_total", {"i": "late"}): 1e9 + index * 0.7,
        }
        group.add(time, row)
    return group


def rare(random: Random) -> Group:
    """Every two and every five minutes by turns: at times older than the look-back."""
    group = Group("rare")
    for index, time in enumerate(moments(random, 60_000, 0)):
        if index % 9 in (0, 2):
            group.add(time, {named("rare", {"i": "1"}): float(index), named("rare", {"i": "2"}): float(-index)})
    return group


def flapping(random: Random) -> Group:
    """Series that end and come back, every 15 s after the block."""
    group = Group("flapping")
    for index, time in enumerate(moments(random, 15_000, 10)):
        if time < TAIL:
            continue
        row: Row = {named("flap", {"i": "always"}): float(index)}
        if index // 5 % 2:
            row[named("flap", {"i": "often"})] = float(index * index % 17)
        if index % 3:
            row[named("flap", {"i": "now and then"})] = float(index)
        row[named("turn", {"pod": str(index // 10), "app": "x"})] = float(index)
        group.add(time, row)
    return group


def groups() -> list[Group]:
    random = Random("samples")
    return [api(random), nodes(random), odd(random), rare(random), flapping(random)]


def store_of(found: list[Group]) -> TimeSeriesStore:
    store = TimeSeriesStore(retention=10 * 365 * 86400)
    for group in found:
        for time, row in zip(group.times, group.rows, strict=True):
            ids = [store.series(dict(labels)[NAME], dict(labels)) for labels in row]
            store.append(time / 1000, ids, np.array(list(row.values())), target=group.name)
    return store
