"""The exporters of data stores, brokers and CoreDNS."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from aiops.lab.exporters.exposition.forms import Filled, Form, Reading, Unit
from aiops.lab.exporters.exposition.samples import Target
from aiops.lab.exporters.programs.store_readings import STORES, StoreReadings
from aiops.lab.exporters.scraping.discovery import Discovery
from aiops.lab.exporters.scraping.job import Mine
from aiops.lab.traffic import Traffic
from aiops.lab.traffic.transport.lookups import BOUNDS
from aiops.lab.tsdb import TimeSeriesStore

_ANY = "*"


class _Forms:
    """The forms of one kind of store."""

    def __init__(self, store: TimeSeriesStore, readings: StoreReadings) -> None:
        self.readings = readings
        up = readings.up
        self.up = Form(store, [Reading(up, "one", single=True)] if up else [])
        self.down = Form(store, [Reading(up, "one", 0.0, single=True)] if up else [])
        self.process = Form(store, readings.of_process)
        self.cache = Form(store, readings.of_cache)
        self.topic = Form(store, readings.of_topic)
        self.names = Form(store, readings.of_names)
        self.durations = Form(store, readings.of_durations)
        self.operations = {name: Form(store, found) for name, found in readings.of_operation.items()}


class Stores:
    """Finds the discovered stores. Of one that does not answer its exporter knows only that."""

    def __init__(self, traffic: Traffic, discovery: Discovery, store: TimeSeriesStore, mine: Mine) -> None:
        self._traffic = traffic
        self._discovery = discovery
        self._mine = mine
        self._forms = {port: _Forms(store, readings) for port, readings in STORES.items()}

    def __call__(self) -> tuple[Sequence[Target], Iterable[Filled]]:
        found = [(place, *one) for place, one in self._discovery.stores.items() if self._mine(one[1].labels)]
        answering = {process.container.id for process in self._traffic.listening()}
        rows = {
            process.place: row
            for row, process in enumerate(self._traffic.flow.graph.processes)
            if process.container.id in answering or process.program.role == "dns"
        }
        filled: list[Filled] = []
        for port, forms in self._forms.items():
            own = [(o, place, target) for o, (place, kind, target) in enumerate(found) if kind == port]
            alive = [Unit(_key(t), t.labels, owner, rows[place]) for owner, place, t in own if place in rows]
            dead = [Unit(_key(t), t.labels, owner, 0) for owner, place, t in own if place not in rows]
            filled += [(forms.up, alive), (forms.down, dead), (forms.process, alive)]
            filled += [(forms.cache, self._with_caches(alive)), (forms.topic, list(self._topics(forms, alive)))]
            filled += self._operations(forms, alive)
            servers = list(self._servers(alive))
            filled += [(forms.names, servers), (forms.durations, [_cells(unit) for unit in servers])]
        return [target for _, _, target in found], filled

    def _with_caches(self, units: Sequence[Unit]) -> list[Unit]:
        holders = set(self._traffic.engine.caches.process.tolist())
        return [unit for unit in units if unit.row in holders]

    def _servers(self, units: Sequence[Unit]) -> Iterator[Unit]:
        rows = {process: row for row, process in enumerate(self._traffic.engine.lookups.server.tolist())}
        for unit in units:
            if unit.row in rows:
                yield replace(unit, row=rows[unit.row])

    def _topics(self, forms: _Forms, units: Sequence[Unit]) -> Iterator[Unit]:
        topics, holders = self._traffic.engine.brokers, {unit.row: unit for unit in units}
        groups = self._groups()
        for row, (key, process) in enumerate(zip(topics.keys, topics.process.tolist(), strict=True)):
            unit = holders.get(process)
            if unit is None:
                continue
            labels = {**unit.labels, forms.readings.topic_label: key[2]}
            if forms.readings.group_label:
                labels[forms.readings.group_label] = groups.get(key, "")
            yield Unit((unit.key, *labels.items()), labels, unit.owner, row)

    def _groups(self) -> Mapping[tuple[str, str, str], str]:
        """Who takes the messages of each topic."""
        graph = self._traffic.flow.graph
        found = {}
        for consumption in graph.consumptions:
            name = graph.processes[int(graph.process[consumption.handler])].name
            found.update(dict.fromkeys(consumption.topics, name))
        return found

    def _operations(self, forms: _Forms, units: Sequence[Unit]) -> Iterator[Filled]:
        graph, holders = self._traffic.flow.graph, {unit.row: unit for unit in units}
        found: dict[str, list[Unit]] = {name: [] for name in forms.operations}
        for row, handler in enumerate(graph.handlers[1:], 1):
            unit = holders.get(handler.process)
            name = handler.method if handler.method in found else _ANY
            if unit is None or name not in found:
                continue
            shown = {forms.readings.operation_label: handler.method} if name == _ANY else {}
            labels = {**unit.labels, **shown}
            found[name].append(Unit((unit.key, handler.method), labels, unit.owner, row))
        for name, form in forms.operations.items():
            yield form, found[name]


def _cells(unit: Unit) -> Unit:
    """The unit among figures that have a number for each bound of a duration, and their sum."""
    return replace(unit, row=unit.row * (len(BOUNDS) + 1))


def _key(target: Target) -> tuple[str, str, str]:
    return target.labels["job"], target.labels["instance"], target.labels["pod"]
