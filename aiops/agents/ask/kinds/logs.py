"""What a workload writes."""

from __future__ import annotations

from aiops.agents.ask.asking import Asking
from aiops.agents.ask.registry import Shape, question
from aiops.core.clock import rfc3339
from aiops.tools.logs_by_template import logs_by_template

DEFAULT = 900.0
"""Seconds that are looked back where the question names no period."""

MOST = 20


@question(
    name="logs",
    examples=("What do the logs of SERVICE say?",),
    shapes=(Shape((("log",),), helps=("failing", "workload", "pod"), never=("may", "change"), named=True),),
)
async def logs(ask: Asking) -> None:
    """The log lines of a workload, grouped by the statement that wrote them."""
    workload = ask.workload()
    if workload is None:
        return
    window = ask.window(DEFAULT)
    found = await ask.read(logs_by_template, workload, window, limit=MOST)
    if found is None:
        ask.refuse(f"The logs of {workload} could not be read.")
        return
    cited = ask.cite(logs_by_template, f"{found.lines} lines", workload=workload, window=window, limit=MOST)
    ask.say(
        f"{workload} wrote {found.lines} lines since {rfc3339(window.start)}, by {len(found.templates)} statements.",
        cited,
    )
    if found.templates:
        ask.table(
            ("lines", "last", "example"),
            [(item.count, rfc3339(item.last_at), item.example) for item in found.templates],
        )
