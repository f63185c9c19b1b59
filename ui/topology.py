"""The picture of who calls whom, with the way from the cause to the users in front."""

from __future__ import annotations

from typing import Any

from aiops.core.text import cut
from aiops.ui import layers
from aiops.ui.dom import box, text
from aiops.ui.words import percent, plain, subject

NODE_WIDTH, NODE_HEIGHT = 160, 40
COLUMN, ROW = 207, 50
MARGIN = 12
LONGEST_NAME = 18
MOST_NODES = 60
"""Beyond this only what the incident touches is drawn, with its neighbours."""

SAID = {"cause": "cause", "path": "on the way to the users", "affected": "affected", "normal": "normal"}

Graph = dict[str, Any]
Place = tuple[float, float]


def touched(graph: Graph, most: int = MOST_NODES) -> Graph:
    """The graph; of a large one the nodes with a part in the incident and those one call away, `most` at the most."""
    if len(graph["nodes"]) <= most:
        return graph
    kept = [node["id"] for node in graph["nodes"] if node["role"] != "normal"]
    inner = set(kept)
    for edge in graph["edges"]:
        kept += [edge[b] for a, b in (("source", "target"), ("target", "source")) if edge[a] in inner]
    chosen = set(list(dict.fromkeys(kept))[:most])
    return {
        "nodes": [node for node in graph["nodes"] if node["id"] in chosen],
        "edges": [edge for edge in graph["edges"] if edge["source"] in chosen and edge["target"] in chosen],
    }


def places(graph: Graph) -> dict[str, Place]:
    """The left upper corner of each node in pixels."""
    calls = [(edge["source"], edge["target"]) for edge in graph["edges"]]
    column = layers.columns([node["id"] for node in graph["nodes"]], calls)
    first = {node["id"] for node in graph["nodes"] if node["role"] in ("cause", "path")}
    row = layers.rows(column, calls, first)
    return {name: (MARGIN + column[name] * COLUMN, MARGIN + 8 + row[name] * ROW) for name in column}


def draw_way(cause: dict[str, Any] | None) -> None:
    """The way from the cause to the users in one line, which also a narrow screen shows whole."""
    if cause is None or not cause["path"]:
        return
    names = list(dict.fromkeys([subject(cause["subject"]), *(subject(entity) for entity in cause["path"])]))
    with box("p", "way"):
        for index, name in enumerate(names):
            text(name, "code", "cause" if index == 0 else "")
            text("→", aria_hidden="true", classes="muted")
        text("users", "b")


def draw(graph: Graph) -> None:
    shown = touched(graph)
    at = places(shown)
    width = max((x for x, _ in at.values()), default=0) + NODE_WIDTH + MARGIN
    height = max((y for _, y in at.values()), default=0) + NODE_HEIGHT + MARGIN
    _legend()
    with (
        box("div", "topology", tabindex="0", role="region", aria_label="Call graph"),
        box("svg", "", width=width, height=height, role="img", aria_label=_spoken(shown)),
    ):
        _arrows()
        for edge in sorted(shown["edges"], key=lambda e: str(e["role"]) == "path"):
            if edge["source"] in at and edge["target"] in at:
                _edge(edge, at[edge["source"]], at[edge["target"]])
        for node in shown["nodes"]:
            _node(node, at[node["id"]])
    if left := len(graph["nodes"]) - len(shown["nodes"]):
        text(f"{left} more objects that the incident does not touch are not drawn.", "p", "muted small")


def _legend() -> None:
    with box("div", "key"):
        for role in ("cause", "path", "affected", "normal"):
            with box("span", "entry"):
                box("i", f"swatch node {role}", aria_hidden="true")
                text(SAID[role])
        text("Arrows run from caller to callee; percentages are calls that fail.", classes="muted")


def _arrows() -> None:
    with box("defs"):
        for role in ("path", "normal"):
            marker = {"viewBox": "0 0 8 8", "refX": 7, "refY": 4, "markerWidth": 7, "markerHeight": 7}
            with box("marker", f"arrow {role}", id=f"arrow-{role}", orient="auto", **marker):
                box("path", d="M0 0 8 4 0 8z")


def _edge(edge: dict[str, Any], source: Place, target: Place) -> None:
    role = "path" if edge["role"] == "path" else "normal"
    x1, y1, x2, y2 = source[0] + NODE_WIDTH, source[1] + NODE_HEIGHT / 2, target[0], target[1] + NODE_HEIGHT / 2
    bend = max((x2 - x1) / 2, 28)
    with box("g", f"edge {role}"):
        text(_figures(edge), "title")
        curve = f"M{x1} {y1}C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}"
        box("path", d=curve, marker_end=f"url(#arrow-{role})")
        if role == "path" and edge.get("error_ratio"):
            label = percent(edge["error_ratio"])
            text(label, "text", x=(x1 + x2) / 2, y=(y1 + y2) / 2 - 7, **{"text-anchor": "middle"})


def _figures(edge: dict[str, Any]) -> str:
    """What is known of one call, for the pointer."""
    known = [f"{plain(edge['source'])} → {plain(edge['target'])}"]
    if edge.get("rate") is not None:
        known.append(f"{edge['rate']:.3g} calls a second")
    if edge.get("error_ratio") is not None:
        known.append(f"{percent(edge['error_ratio'])} fail")
    if edge.get("seconds") is not None:
        known.append(f"{edge['seconds'] * 1000:.3g} ms")
    return "\n".join(known)


def _node(node: dict[str, Any], place: Place) -> None:
    role = node["role"] if node["role"] in SAID else "normal"
    x, y = place
    name = plain(node["name"])
    with box("g", f"node {role}"):
        text(f"{plain(node['id'])}: {SAID[role]}", "title")
        box("rect", x=x, y=y, width=NODE_WIDTH, height=NODE_HEIGHT, rx=6)
        text(cut(name, LONGEST_NAME), "text", "name", x=x + 10, y=y + 17)
        note = plain(node["kind"], 24) if role == "normal" else f"{plain(node['kind'], 16)} · {_short(role)}"
        text(note, "text", "kind", x=x + 10, y=y + 31)


def _short(role: str) -> str:
    return {"cause": "cause", "path": "on the way", "affected": "affected"}[role]


def _spoken(graph: Graph) -> str:
    cause = ", ".join(plain(n["id"]) for n in graph["nodes"] if n["role"] == "cause")
    way = ", ".join(plain(n["id"]) for n in graph["nodes"] if n["role"] == "path")
    return f"Call graph of {len(graph['nodes'])} objects. Cause: {cause or 'not known'}. On the way: {way or 'none'}."
