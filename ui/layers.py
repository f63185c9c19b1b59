"""Where the nodes of a call graph stand: callers left, callees right, the way of the trouble in the first row.

A layered layout after Sugiyama, Tagawa and Toda (1981): calls that close a circle are left out, the longest way from a
node without callers gives the column, and the mean of its callers' rows gives the order within it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

Pair = tuple[str, str]


def columns(nodes: Iterable[str], calls: Iterable[Pair]) -> dict[str, int]:
    """The column of each node, counted from 0."""
    names = sorted(nodes)
    known = set(names)
    callees: dict[str, list[str]] = {name: [] for name in names}
    for source, target in sorted(set(calls)):
        if source in known and target in known and source != target:
            callees[source].append(target)
    order = _without_circles(names, callees)
    column = dict.fromkeys(names, 0)
    for name in order:
        for callee in callees[name]:
            column[callee] = max(column[callee], column[name] + 1)
    return column


def _without_circles(names: list[str], callees: dict[str, list[str]]) -> list[str]:
    """Callers before callees. Calls back to a node that is still being visited are dropped from `callees`."""
    state = dict.fromkeys(names, "new")
    called = {callee for targets in callees.values() for callee in targets}
    order: list[str] = []
    for root in sorted(names, key=lambda name: (name in called, name)):
        stack = [(root, iter(list(callees[root])))] if state[root] == "new" else []
        state[root] = "open" if stack else state[root]
        while stack:
            name, rest = stack[-1]
            callee = next(rest, None)
            if callee is None:
                state[name] = "done"
                order.append(name)
                stack.pop()
            elif state[callee] == "open":
                callees[name].remove(callee)
            elif state[callee] == "new":
                state[callee] = "open"
                stack.append((callee, iter(list(callees[callee]))))
    return order[::-1]


def rows(column: dict[str, int], calls: Iterable[Pair], first: Collection[str]) -> dict[str, int]:
    """The row of each node within its column, counted from 0; those in `first` come before the others."""
    callers: dict[str, list[str]] = {name: [] for name in column}
    for source, target in calls:
        if source in column and target in column and column[source] < column[target]:
            callers[target].append(source)
    row: dict[str, int] = {}
    for index in range(max(column.values(), default=-1) + 1):
        members = [name for name in sorted(column) if column[name] == index]
        members.sort(key=lambda name: (name not in first, _mean([row[c] for c in callers[name]]), name))
        row.update({name: place for place, name in enumerate(members)})
    return row


def _mean(values: list[int]) -> float:
    return sum(values) / len(values) if values else 0.0
