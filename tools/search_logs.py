"""Lines of logs by a LogQL query, where a Loki collects them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from aiops.clients.loki import LabelledLine
from aiops.core.errors import InvalidInputError, RemoteError, RetryWithOtherArgumentsError
from aiops.core.evidence import Window
from aiops.core.model import Value
from aiops.core.redaction import redact_text
from aiops.tools.kit.arguments import Limit
from aiops.tools.kit.context import Context
from aiops.tools.kit.registry import tool
from aiops.tools.kit.results import Result

MOST_READ = 2000
"""Lines asked of Loki; what is not shown is counted."""

MOST_TEXT = 1000
"""Characters of a line that are shown."""

SHOWN = ("namespace", "app", "pod", "container", "stream", "level", "detected_level")
"""Labels that say where a line comes from; a query may have read any number of others out of it."""


class FoundLine(Value):
    """A line at a moment in unix seconds. `text` is untrusted."""

    time: float
    labels: dict[str, str]
    text: str


class FoundLines(Result):
    """The newest lines that match, oldest of them first."""

    lines: tuple[FoundLine, ...] = ()


@tool(effect="reads")
async def search_logs(
    ctx: Context,
    logql: Annotated[
        str, Field(min_length=1, description='a LogQL log query such as {namespace="shop"} |= "error" | json')
    ],
    window: Window,
    limit: Limit = 50,
) -> FoundLines:
    """Search the collected logs of all pods by a LogQL query, also of pods that are gone."""
    if ctx.logs is None:
        return FoundLines(no_data="no Loki is configured")
    try:
        found = await ctx.logs.lines(logql, window.start, window.end, limit=MOST_READ)
    except InvalidInputError as error:
        raise RetryWithOtherArgumentsError(str(error)) from error
    except RemoteError as error:
        return FoundLines(no_data=str(error))
    allowed = [line for line in found if _allowed(ctx, line)]
    hidden = len(found) - len(allowed)
    shown = allowed[len(allowed) - min(limit, len(allowed)) :]
    reason = None if found else f"no line matches {logql!r} in this window"
    if hidden:
        reason = f"{hidden} line(s) of namespaces that may not be looked at were left out"
    return FoundLines(lines=tuple(map(_shown, shown)), left_out=len(allowed) - len(shown), no_data=reason)


def _allowed(ctx: Context, line: LabelledLine) -> bool:
    """A line whose namespace is not told may only be read by those who may read all."""
    namespace = line.labels.get("namespace", "")
    return ctx.allows(namespace) if namespace else not ctx.namespaces


def _shown(line: LabelledLine) -> FoundLine:
    labels = {name: redact_text(value[:MOST_TEXT]) for name, value in line.labels.items() if name in SHOWN}
    text = line.text if len(line.text) <= MOST_TEXT else f"{line.text[:MOST_TEXT].rpartition(' ')[0]}…"
    return FoundLine(time=line.time, labels=labels, text=redact_text(text))
