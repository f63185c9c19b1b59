"""Who is affected if something goes down."""

from __future__ import annotations

from aiops.agents.ask.asking import Asking
from aiops.agents.ask.kinds.calls import LOOK_BACK, callers_of
from aiops.agents.ask.registry import Shape, question
from aiops.tools.dependencies import dependencies


@question(
    name="impact",
    examples=("Who is affected if SERVICE goes down?",),
    shapes=(
        Shape(
            (("impact",),),
            helps=("if", "lost", "failing", "who"),
            never=("log",),
            allows=("future", "advice"),
            named=True,
        ),
        Shape(
            (("if",), ("lost", "failing")),
            helps=("who",),
            never=("log", "why"),
            allows=("future", "advice"),
            named=True,
        ),
    ),
)
async def impact(ask: Asking) -> None:
    """Everybody who calls a workload, directly or through others."""
    workload = ask.workload()
    if workload is None:
        return
    window = ask.window(LOOK_BACK)
    graph = await ask.read(dependencies, window, None, "")
    if graph is None:
        ask.refuse("The call graph could not be read.")
        return
    cited = ask.cite(dependencies, f"the call graph, {len(graph.edges)} edges", window=window)
    direct = {edge.source for edge in graph.edges if edge.target == workload}
    reached = callers_of(workload, graph.edges)
    if not reached:
        ask.say(f"Nobody was seen to call {workload}, so nobody else would notice, as far as telemetry shows.", cited)
        return
    entries = [str(entity) for entity in reached if entity.kind == "Ingress"]
    users = f" Users come in by {', '.join(entries)}, so they may feel it." if entries else ""
    names = ", ".join(sorted(str(entity) for entity in direct))
    ask.say(f"If {workload} goes down, its callers are hit first: {names}.{users}", cited)
    ask.table(("affected", "how"), [(str(one), "calls it" if one in direct else "through others") for one in reached])
