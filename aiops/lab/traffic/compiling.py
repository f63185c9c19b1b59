"""Puts draft handlers and calls into the arrays of a `Graph`, level by level."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.traffic.graph import Graph, HandlerInfo, IntArray, Level
from aiops.lab.traffic.network import Obstacle
from aiops.lab.traffic.wiring import DraftCall, DraftHandler, Wiring


def compile_graph(wiring: Wiring) -> Graph:
    """The graph of one moment. A call that leads back to its own caller never gets an answer."""
    drafts = wiring.handlers
    levels = _levels(drafts)
    order = sorted(range(len(drafts)), key=lambda i: (levels[i], i))
    place = {draft: index + 1 for index, draft in enumerate(order)}  # handler 0 is nowhere: edges without a target
    handlers = [drafts[i] for i in order]
    calls = [(place[i], call) for i in order for call in drafts[i].calls]
    edges: list[tuple[int, int, float]] = []
    for number, (_, call) in enumerate(calls):
        edges += [(number, place[target], share) for target, share in call.edges] or [(number, 0, 0.0)]
    stage_keys = _stage_keys(calls)
    return Graph(
        processes=wiring.processes,
        handlers=(HandlerInfo(0, "", ""), *(draft.info for draft in handlers)),
        calls=tuple(call.info for _, call in calls),
        levels=_slices([levels[i] for i in order], calls, edges, stage_keys),
        entries=tuple(np.array([place[i] for i in found], dtype=np.int64) for found in wiring.entries),
        edge_call=_ints([number for number, _, _ in edges]),
        edge_target=_ints([target for _, target, _ in edges]),
        edge_weight=_floats([share for _, _, share in edges]),
        stages=len(set(stage_keys)),
        process=_ints([0, *(h.info.process for h in handlers)]),
        cpu=_floats([0.0, *(h.route.cpu_ms / 1000 for h in handlers)]),
        wait=_floats([0.001, *(h.route.wait_ms / 1000 for h in handlers)]),
        error=_floats([0.0, *(h.route.error_ratio for h in handlers)]),
        error_status=_ints([1, *(h.error_status for h in handlers)]),
        passes_status=np.array([False, *(h.passes_status for h in handlers)], dtype=bool),
        call_handler=_ints([handler for handler, _ in calls]),
        timeout=_floats([c.call.timeout for _, c in calls]),
        connect_timeout=_floats([c.connect_timeout for _, c in calls]),
        name_seconds=_floats([c.name_seconds for _, c in calls]),
        retries=_floats([c.call.retries for _, c in calls]),
        retries_answers=np.array([c.retries_answers for _, c in calls], dtype=bool),
        required=_floats([0.0 if c.call.optional else 1.0 for _, c in calls]),
        probability=_floats([c.call.probability for _, c in calls]),
        refused=_floats([c.refused for _, c in calls]),
        dropped=_floats([c.dropped for _, c in calls]),
        unresolved=_floats([c.unresolved for _, c in calls]),
        denied=_floats([c.denied for _, c in calls]),
    )


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


def _stage_keys(calls: Sequence[tuple[int, DraftCall]]) -> list[int]:
    """The number of each call's stage; stages are numbered in the order of the calls."""
    numbers: dict[tuple[int, int], int] = {}
    return [numbers.setdefault((handler, call.stage), len(numbers)) for handler, call in calls]


def _slices(
    handler_levels: list[int],
    calls: Sequence[tuple[int, DraftCall]],
    edges: Sequence[tuple[int, int, float]],
    stage_keys: list[int],
) -> tuple[Level, ...]:
    levels = np.array([0, *handler_levels], dtype=np.int64)
    call_levels = levels[[handler for handler, _ in calls]] if calls else np.zeros(0, dtype=np.int64)
    edge_call = np.array([number for number, _, _ in edges], dtype=np.int64)
    stage_of = np.array(stage_keys, dtype=np.int64)
    made = []
    for level in range(int(levels.max()) + 1):
        handler_slice = _slice(levels, level)
        call_slice = _slice(call_levels, level)
        edge_slice = _slice(call_levels[edge_call], level)
        own_stages = stage_of[call_slice]
        first = int(own_stages.min()) if len(own_stages) else 0
        count = len(np.unique(own_stages))
        made.append(
            Level(
                handlers=handler_slice,
                calls=call_slice,
                edges=edge_slice,
                stages=slice(first, first + count),
                edge_starts=_starts(edge_call[edge_slice]),
                call_starts=_starts(own_stages),
                stage_of_call=own_stages - first,
                stage_table=_stage_table(handler_slice, call_slice, calls, own_stages - first, count),
            )
        )
    return tuple(made)


def _stage_table(
    handlers: slice, call_slice: slice, calls: Sequence[tuple[int, DraftCall]], stages: IntArray, count: int
) -> IntArray:
    rows: list[list[int]] = [[] for _ in range(handlers.stop - handlers.start)]
    for (handler, _), stage in zip(calls[call_slice], stages, strict=True):
        row = rows[handler - handlers.start]
        if int(stage) not in row:
            row.append(int(stage))
    table = np.full((len(rows), max((len(row) for row in rows), default=0)), count, dtype=np.int64)
    for number, row in enumerate(rows):
        table[number, : len(row)] = row
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
