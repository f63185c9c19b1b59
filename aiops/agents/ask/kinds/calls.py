"""Who calls whom."""

from __future__ import annotations

from aiops.agents.ask.asking import Asking
from aiops.agents.ask.registry import Shape, question
from aiops.agents.ask.understanding import Question
from aiops.core.entity import Entity
from aiops.tools.dependencies import Dependency, dependencies

LOOK_BACK = 1800.0
"""Seconds of telemetry from which calls are read."""

INCOMING = frozenset(
    (
        "caller",
        "callers",
        "client",
        "clients",
        "consumer",
        "consumers",
        "upstream",
        "upstreams",
        "dependents",
        "dependent",
    )
)
OUTGOING = frozenset(("dependency", "dependencies", "downstream", "downstreams"))


@question(
    name="calls",
    examples=("What calls SERVICE?", "What does SERVICE depend on?"),
    shapes=(
        Shape(
            (("call", "depend"),),
            helps=("workload", "who"),
            never=("log", "may", "impact", "why", "limit", "slow", "change", "version", "replica"),
            named=True,
        ),
    ),
)
async def calls(ask: Asking) -> None:
    """The callers of a workload, or what it calls itself."""
    workload = ask.workload()
    if workload is None:
        return
    window = ask.window(LOOK_BACK)
    graph = await ask.read(dependencies, window, None, "")
    incoming = asks_for_callers(ask.question)
    edges = [edge for edge in (graph.edges if graph else ()) if (edge.target if incoming else edge.source) == workload]
    said = f"{workload} is called by" if incoming else f"{workload} calls"
    if graph is None or not edges:
        cites = [ask.cite(dependencies, "the call graph", window=window)] if graph else []
        ask.say(
            f"{said} nobody, as far as metrics and traces show."
            if incoming
            else f"{said} nothing, as far as metrics and traces show.",
            *cites,
        )
        return
    ends = sorted({str(edge.source if incoming else edge.target) for edge in edges})
    ask.say(f"{said} {', '.join(ends)}.", ask.cite(dependencies, f"{len(edges)} edges", window=window))
    ask.table(("from", "to", "calls/s", "errors", "mean seconds"), [_row(edge) for edge in edges])


def asks_for_callers(question: Question) -> bool:
    """Does a question want those who call, rather than what is called?

    Nouns say it; of verbs the order of the words does: "what calls X" against "what does X call", and the other way
    round in the passive ("what is X called by")."""
    words = [word.text for word in question.words]
    if not INCOMING.isdisjoint(words):
        return True
    if not OUTGOING.isdisjoint(words):
        return False
    names = [i for i, word in enumerate(question.words) if word.name and word.name != question.namespace]
    verb = question.position("call", "depend")
    before = bool(names) and verb < names[-1]
    return before != ("by" in words)


def _row(edge: Dependency) -> tuple[str, str, str, str, str]:
    now = edge.now
    figures = (
        ("", "", "")
        if now is None
        else (f"{now.rate:.3g}", f"{now.error_ratio:.1%}", "" if now.seconds is None else f"{now.seconds:.3g}")
    )
    return str(edge.source), str(edge.target), *figures


def callers_of(workload: Entity, edges: tuple[Dependency, ...]) -> list[Entity]:
    """Everybody who calls a workload, directly or through others; nearest first."""
    found = [workload]
    for one in found:
        found += [edge.source for edge in edges if edge.target == one and edge.source not in found]
    return list(dict.fromkeys(found[1:]))
