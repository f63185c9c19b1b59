"""Which nodes are ready."""

from __future__ import annotations

from aiops.agents.ask.asking import Asking
from aiops.agents.ask.registry import Shape, question
from aiops.core.entity import Manifest
from aiops.tools.list_objects import list_objects

MOST = 500


@question(
    name="nodes",
    examples=("Which nodes are not ready?",),
    shapes=(
        Shape(
            (("node",), ("ready", "waiting", "failing", "healthy", "wrong")),
            helps=("count",),
            never=("may", "log", "impact", "why"),
        ),
        Shape((("node",), ("count",)), never=("may", "log", "impact", "why", "pod")),
    ),
)
async def nodes(ask: Asking) -> None:
    """The nodes and their conditions."""
    found = await ask.read(list_objects, "Node", limit=MOST)
    if found is None:
        ask.refuse("The nodes could not be read.")
        return
    cited = ask.cite(list_objects, f"{len(found.objects)} nodes", kind="Node", limit=MOST)
    rows = [(node["metadata"]["name"], *_state(node)) for node in found.objects]
    away = [row[0] for row in rows if row[1] != "ready"]
    said = f"Not ready: {', '.join(away)}." if away else "All are ready."
    ask.say(f"{len(rows) - len(away)} of {len(rows)} nodes are ready. {said}", cited)
    ask.table(("node", "state", "reports"), rows)


def _state(node: Manifest) -> tuple[str, str]:
    conditions = {c["type"]: c for c in node.get("status", {}).get("conditions", [])}
    ready = conditions.pop("Ready", {})
    state = "ready" if ready.get("status") == "True" else f"not ready: {ready.get('reason', 'unknown')}"
    reports = [name for name, condition in sorted(conditions.items()) if condition.get("status") == "True"]
    return state, ", ".join([*reports, *(["cordoned"] if node["spec"].get("unschedulable") else [])])
