"""What containers wrote, grouped by the statement that wrote it."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field

from aiops.analysis.logs.templates import group
from aiops.analysis.state.owners import workload_of
from aiops.core.clock import from_rfc3339
from aiops.core.entity import Entity, Manifest
from aiops.core.errors import InvalidInputError, RemoteError
from aiops.core.evidence import Window
from aiops.core.model import Value
from aiops.core.redaction import redact_text
from aiops.core.telemetry import LogLine
from aiops.tools.kit.arguments import EntityArg, Limit, check_allowed
from aiops.tools.kit.context import Context
from aiops.tools.kit.registry import tool
from aiops.tools.kit.results import Result, bounded, missing
from aiops.tools.kit.rights import rules
from aiops.tools.kit.telemetry_arguments import BaselineArg, span

MOST_LINES = 5000
"""Lines read of one container."""

MOST_LINE = 4_000
"""Characters of a line that are looked at: anybody can write a longer one."""


_CONTINUED = re.compile(r"\s+\S|Caused by: |Traceback \(most recent|goroutine \d+ \[|created by |note: run with ")
"""How lines begin that go on with the message before them, in the languages whose stack traces have several lines."""


class TemplateSummary(Value):
    """Lines of one statement: `count` in the window and `baseline_count` in the baseline (None without a baseline).

    Times are unix seconds, of both windows together. `example` is untrusted text.
    """

    template: str
    count: int
    baseline_count: int | None
    first_at: float
    last_at: float
    example: str
    pods: tuple[str, ...]


class LogTemplates(Result):
    """Templates of one workload, the most frequent in the window first."""

    workload: Entity
    lines: int = 0
    baseline_lines: int = 0
    templates: tuple[TemplateSummary, ...] = ()


@tool(effect="reads", needs=(*rules(("list",), "Pod"), *rules(("get",), "Pod", subresource="log")))
async def logs_by_template(
    ctx: Context,
    workload: EntityArg,
    window: Window,
    baseline: BaselineArg = None,
    container: Annotated[str, Field(description="one container; empty: all")] = "",
    limit: Limit = 50,
) -> LogTemplates:
    """Group the log lines of a workload's pods by template and count them, also of containers that have restarted."""
    check_allowed(ctx, workload)
    both = span(window, baseline)
    since = max(1, round(await ctx.clock.sync() - both.start))
    pods = [pod for pod in await ctx.kube.list("Pod", workload.namespace) if workload_of(pod) == workload]
    lines: list[LogLine] = []
    unread: list[str] = []
    for pod in pods:
        for name in _containers(pod, container):
            try:
                lines += await _read(ctx, pod, name, since)
            except RemoteError as error:
                unread.append(str(error))
    lines = [line for line in lines if both.start <= line.time <= both.end]
    return _result(
        workload, lines, window, baseline, limit, missing(None if pods else f"there is no pod of {workload}", *unread)
    )


def _result(
    workload: Entity, lines: list[LogLine], window: Window, baseline: Window | None, limit: int, no_data: str | None
) -> LogTemplates:
    found = []
    for item in group(lines):
        count = _within(item.times, window)
        before = None if baseline is None else _within(item.times, baseline)
        if count or before:
            found.append(
                TemplateSummary(
                    template=item.template,
                    count=count,
                    baseline_count=before,
                    first_at=item.first,
                    last_at=item.last,
                    example=item.example,
                    pods=tuple(entity.name for entity in item.entities),
                )
            )
    found.sort(key=lambda item: (-item.count, item.template))
    kept, left_out = bounded(found, limit)
    return LogTemplates(
        workload=workload,
        lines=sum(item.count for item in found),
        baseline_lines=sum(item.baseline_count or 0 for item in found),
        templates=kept,
        left_out=left_out,
        no_data=no_data,
    )


def _within(times: tuple[float, ...], window: Window) -> int:
    return sum(window.start <= time <= window.end for time in times)


def _containers(pod: Manifest, wanted: str) -> list[str]:
    names = [item["name"] for item in pod["spec"].get("initContainers", []) + pod["spec"]["containers"]]
    return [name for name in names if wanted in ("", name)]


async def _read(ctx: Context, pod: Manifest, container: str, since: int) -> list[LogLine]:
    """The lines of a container, and those of its run before where it has restarted."""
    entity = Entity.of(pod)
    status = pod.get("status", {})
    statuses = [*status.get("initContainerStatuses", []), *status.get("containerStatuses", [])]
    restarted = any(item["name"] == container and item.get("restartCount", 0) for item in statuses)
    lines: list[LogLine] = []
    for previous in (True, False) if restarted else (False,):
        try:
            text = await ctx.kube.logs(
                entity, container=container, since_seconds=since, tail=MOST_LINES, previous=previous
            )
        except RemoteError:
            if not previous:
                raise
            continue  # the log of the run before is gone; that of this run is what counts
        lines += parse_log(text, entity)
    return lines


def parse_log(text: str, entity: Entity) -> list[LogLine]:
    """The messages of a log with times in front. A line that goes on (a stack trace) belongs to the message before it,
    as does one without a time."""
    messages: list[tuple[float, list[str]]] = []
    for raw in text.splitlines():
        stamp, _, message = raw.partition(" ")
        try:
            time = from_rfc3339(_microseconds(stamp))
        except InvalidInputError:
            if messages:
                messages[-1][1].append(raw)
            continue
        if messages and _CONTINUED.match(message):
            messages[-1][1].append(message)
        else:
            messages.append((time, [message]))
    return [
        LogLine(time=time, entity=entity, message=redact_text(_shortened("\n".join(parts)))) for time, parts in messages
    ]


def _shortened(message: str) -> str:
    """The start of a very long line, without a word that is cut in two: half a secret does not look like one."""
    if len(message) <= MOST_LINE:
        return message
    head = message[:MOST_LINE]
    return f"{head.rpartition(' ')[0] or head}…"


def _microseconds(stamp: str) -> str:
    """Kubelets write nanoseconds; six digits are what the parser is sure to take."""
    head, dot, fraction = stamp.rstrip("Z").partition(".")
    return f"{head}{dot}{fraction[:6]}Z" if stamp.endswith("Z") else stamp
