"""Puts draft handlers and calls into the arrays of a `Graph`, level by level."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.apps.program import Route
from aiops.lab.traffic.callgraph.admitting import Refusal
from aiops.lab.traffic.callgraph.drafts import DraftCall, DraftHandler
from aiops.lab.traffic.callgraph.graph import Consumption, Graph, HandlerInfo, IntArray, Level, TurnedAway, Ways
from aiops.lab.traffic.callgraph.links import DraftLink, draft_links
from aiops.lab.traffic.callgraph.wiring import Wiring
from aiops.lab.traffic.network.network import Obstacle

_NOWHERE = Route(cpu_ms=0.001, wait_ms=1.0, error_ratio=0.0)
"""Handler 0, where edges without a target lead."""


def compile_graph(wiring: Wiring) -> Graph:
    """The graph of one moment. A call that leads back to its own caller never gets an answer."""
    drafts = wiring.handlers
    levels = _levels(drafts)
    order = sorted(range(len(drafts)), key=lambda i: (levels[i], i))
    place = {draft: index + 1 for index, draft in enumerate(order)}
    handlers = [drafts[i] for i in order]
    handler_levels = _ints([0, *(levels[i] for i in order)])
    calls = [(place[i], call) for i in order for call in drafts[i].calls]
    links, call_link = draft_links([call for _, call in calls], place, handler_levels)
    stage_of_call = _stage_of_call(calls)
    routes = (_NOWHERE, *(h.route for h in handlers))
    edge_target, edge_weight = _edges(links)
    return Graph(
        processes=wiring.processes,
        handlers=(HandlerInfo(0, "", ""), *(draft.info for draft in handlers)),
        routes=routes,
        calls=tuple(call.info for _, call in calls),
        wants=tuple(call.call for _, call in calls),
        consumptions=_consumptions(wiring, place),
        levels=_slices(handler_levels, calls, links, stage_of_call),
        whole=_whole(len(handlers) + 1, len(links), stage_of_call),
        entries=tuple(_ints([place[i] for i in found]) for found in wiring.entries),
        clock_offset=_floats([process.plight.clock_offset for process in wiring.processes]),
        process=_ints([0, *(h.info.process for h in handlers)]),
        cpu=_floats([0.0, *(route.cpu_ms / 1000 for route in routes[1:])]),
        wait=_floats([route.wait_ms / 1000 for route in routes]),
        memory=_floats([0.0, *(_memory(wiring, h) for h in handlers)]),
        error=_floats([route.error_ratio for route in routes]),
        wrong=_floats([route.wrong_ratio for route in routes]),
        error_status=_ints([1, *(h.error_status for h in handlers)]),
        passes_status=np.array([False, *(h.passes_status for h in handlers)], dtype=bool),
        call_handler=_ints([handler for handler, _ in calls]),
        call_link=call_link,
        stage_of_call=stage_of_call,
        stage_table=_stage_table(len(handlers) + 1, calls, stage_of_call),
        retries=_floats([c.call.retries for _, c in calls]),
        retries_answers=np.array([c.retries_answers for _, c in calls], dtype=bool),
        required=_floats([0.0 if c.call.optional else 1.0 for _, c in calls]),
        probability=_floats([c.call.probability for _, c in calls]),
        link_timeout=_floats([link.timeout for link in links]),
        link_connect_timeout=_floats([link.connect_timeout for link in links]),
        link_name_seconds=_floats([link.name_seconds for link in links]),
        refused=_floats([link.refused for link in links]),
        dropped=_floats([link.dropped for link in links]),
        unresolved=_floats([link.unresolved for link in links]),
        denied=_floats([link.denied for link in links]),
        reset=_floats([link.reset for link in links]),
        edge_target=edge_target,
        edge_weight=edge_weight,
        dns_servers=_ints(wiring.dns_servers),
        refusals=tuple(_refusals(call for _, call in calls)),
        ways=_ways(links, edge_weight.shape[0]),
    )


def _refusals(calls: Iterable[DraftCall]) -> Iterator[TurnedAway]:
    for number, call in enumerate(calls):
        for server, why, share in call.turned_away:
            together = call.reset if why is Refusal.PLAINTEXT else call.denied
            yield TurnedAway(number, server, why, share / together)


def _memory(wiring: Wiring, draft: DraftHandler) -> float:
    """Bytes that a request holds while it is in flight."""
    own = draft.route.memory_bytes
    return float(wiring.processes[draft.info.process].program.bytes_per_request if own is None else own)


def _levels(drafts: Sequence[DraftHandler]) -> list[int]:
    """How deep the calls below each handler go. Edges that close a circle are taken out: they never end."""
    levels: list[int] = [-1] * len(drafts)
    path: set[int] = set()

    def visit(index: int) -> int:
        if levels[index] >= 0:
            return levels[index]
        path.add(index)
        depth = 0
        for call in drafts[index].calls:
            for target, share in call.edges:
                if target in path:
                    call.block(Obstacle.DROPPED, share)
            call.edges = [edge for edge in call.edges if edge[0] not in path]
            depth = max([depth, 1, *(visit(target) + 1 for target, _ in call.edges)])
        path.discard(index)
        levels[index] = depth
        return depth

    for index in range(len(drafts)):
        visit(index)
    return levels


def _consumptions(wiring: Wiring, place: dict[int, int]) -> tuple[Consumption, ...]:
    return tuple(
        Consumption(place[d.handler], d.consumer.workers, d.consumer.batch, d.consumer.poison, d.topics)
        for d in wiring.consumptions
    )


def _stage_of_call(calls: Sequence[tuple[int, DraftCall]]) -> IntArray:
    """The number of each call's stage; stages are numbered in the order of the calls."""
    numbers: dict[tuple[int, int], int] = {}
    return _ints([numbers.setdefault((handler, call.stage), len(numbers)) for handler, call in calls])


def _edges(links: Sequence[DraftLink]) -> tuple[IntArray, FloatArray]:
    most = max((len(link.edges) for link in links), default=1) or 1
    target = np.zeros((most, len(links)), dtype=np.int64)
    weight = np.zeros((most, len(links)))
    for column, link in enumerate(links):
        for row, (handler, share) in enumerate(link.edges):
            target[row, column], weight[row, column] = handler, share
    return target, weight


def _ways(links: Sequence[DraftLink], most: int) -> Ways | None:
    if not any(link.ways for link in links):
        return None
    delay, variance = np.zeros((most, len(links))), np.zeros((most, len(links)))
    unsound = np.zeros((3, most, len(links)))
    narrow: dict[tuple[int, float], list[tuple[int, int]]] = {}
    for column, link in enumerate(links):
        for row, way in enumerate(link.ways):
            delay[row, column], variance[row, column] = way.delay, way.variance
            unsound[:, row, column] = way.doubled, way.dropped, way.broken
            for key in way.narrow:
                narrow.setdefault(key, []).append((row, column))
    found = [(limit, np.array(edges, dtype=np.int64).T) for (_, limit), edges in narrow.items()]
    narrowed = tuple((limit, rows, columns) for limit, (rows, columns) in found)
    return Ways(delay, variance, np.zeros_like(delay), unsound, narrowed)


def _whole(handlers: int, links: int, stage_of_call: IntArray) -> Level:
    starts = _starts(stage_of_call)
    return Level(slice(0, handlers), slice(0, len(stage_of_call)), slice(0, links), slice(0, len(starts)), starts)


def _slices(
    levels: IntArray, calls: Sequence[tuple[int, DraftCall]], links: Sequence[DraftLink], stage_of_call: IntArray
) -> tuple[Level, ...]:
    call_levels = levels[[handler for handler, _ in calls]] if calls else _ints([])
    link_levels = _ints([link.level for link in links])
    made = []
    for level in range(int(levels.max()) + 1):
        call_slice = _slice(call_levels, level)
        own_stages = stage_of_call[call_slice]
        first = int(own_stages[0]) if len(own_stages) else 0
        starts = _starts(own_stages)
        stages = slice(first, first + len(starts))
        made.append(Level(_slice(levels, level), call_slice, _slice(link_levels, level), stages, starts))
    return tuple(made)


def _stage_table(handlers: int, calls: Sequence[tuple[int, DraftCall]], stage_of_call: IntArray) -> IntArray:
    rows: list[list[int]] = [[] for _ in range(handlers)]
    count = 0
    for (handler, _), stage in zip(calls, stage_of_call.tolist(), strict=True):
        if not rows[handler] or rows[handler][-1] != stage:
            rows[handler].append(stage)
            count += 1
    table = np.full((max((len(row) for row in rows), default=0) or 1, handlers), count, dtype=np.int64)
    for number, row in enumerate(rows):
        table[: len(row), number] = row
    return table


def _slice(levels: IntArray, level: int) -> slice:
    return slice(int(np.searchsorted(levels, level)), int(np.searchsorted(levels, level, side="right")))


def _starts(groups: IntArray) -> IntArray:
    """Where each run of equal numbers begins."""
    if not len(groups):
        return np.zeros(0, dtype=np.int64)
    return np.flatnonzero(np.concatenate([[True], groups[1:] != groups[:-1]])).astype(np.int64)


def _ints(values: Sequence[int]) -> IntArray:
    return np.array(values, dtype=np.int64)


def _floats(values: Sequence[float]) -> FloatArray:
    return np.array(values, dtype=np.float64)
