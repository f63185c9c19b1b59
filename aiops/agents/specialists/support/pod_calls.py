"""The calls of each pod to each address as the pods' metrics count them, and which of them suffer."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from aiops.agents.scoping.scope import Scope
from aiops.agents.toolbox import Toolbox
from aiops.analysis.calls.error_kinds import ErrorKind, kind_of
from aiops.core.entity import Entity
from aiops.core.evidence import Window
from aiops.tools.kit.call_metrics import CLIENTS
from aiops.tools.kit.signal_sources import TRAFFIC, braces, in_namespaces
from aiops.tools.metric_query import metric_query

MOST = 2000
"""Series of one query."""

LEAST_RATE = 0.05
"""Calls a second below which a share says nothing."""

UNANSWERED = frozenset({ErrorKind.TIMEOUT, ErrorKind.RESET, ErrorKind.UNREACHABLE})
"""Kinds of error of calls that nobody answered."""

FAILING = 0.05
"""Share of calls without an answer beyond that of before, from which it is trouble."""

SLOWER, SLOW_SECONDS = 3.0, 0.02
"""Factor and seconds by which calls have to be slower than before."""


@dataclass(slots=True)
class Rates:
    """Calls, those without an answer, and seconds spent in calls, each a second."""

    calls: float = 0.0
    unanswered: float = 0.0
    seconds: float = 0.0

    def add(self, other: Rates) -> None:
        """Count those of another one in."""
        self.calls += other.calls
        self.unanswered += other.unanswered
        self.seconds += other.seconds


@dataclass(slots=True)
class CallSums:
    """The calls of one pod to one address, or of several, now and before."""

    now: Rates = field(default_factory=Rates)
    before: Rates = field(default_factory=Rates)


async def calls_of_pods(window: Window, scope: Scope, tools: Toolbox) -> dict[tuple[str, str, str], CallSums]:
    """By namespace and pod of the caller, and address."""
    found: dict[tuple[str, str, str], CallSums] = defaultdict(CallSums)
    for late, span in ((True, window), (False, scope.baseline)):
        over = f"{braces(in_namespaces(scope.each_namespace()))}[{max(span.end - span.start, 60):.0f}s]"
        at = Window(start=span.end, end=span.end)
        for _, metric, _ in CLIENTS:
            by = "namespace, pod, server_address"
            counted = await tools.read(
                metric_query, f"sum by ({by}, error_type) (rate({metric}_count{over}))", at, 15, MOST
            )
            spent = await tools.read(metric_query, f"sum by ({by}) (rate({metric}_sum{over}))", at, 15, MOST)
            for one in counted.series if counted else ():
                rate = one.values[-1] if one.values else 0.0
                lost = kind_of(one.labels.get("error_type", "")) in UNANSWERED
                sums = found[_key(one.labels)]
                (sums.now if late else sums.before).add(Rates(calls=rate, unanswered=rate if lost else 0.0))
            for one in spent.series if spent else ():
                sums = found[_key(one.labels)]
                (sums.now if late else sums.before).add(Rates(seconds=one.values[-1] if one.values else 0.0))
    return dict(found)


def _key(labels: dict[str, str]) -> tuple[str, str, str]:
    return labels.get("namespace", ""), labels.get("pod", ""), labels.get("server_address", "")


def trouble_of(sums: CallSums) -> tuple[float, bool]:
    """(trouble, is it failures) of the calls of one pod to one address; see `Leg`."""
    late, early = sums.now, sums.before
    if late.calls < LEAST_RATE:
        return 0.0, False
    failed = late.unanswered / late.calls
    usual = early.unanswered / early.calls if early.calls > 0 else 0.0
    if failed - usual >= FAILING:
        return failed - usual, True
    now = late.seconds / late.calls
    before = early.seconds / early.calls if early.calls > 0 else now
    slow = before > 0 and now >= max(SLOWER * before, before + SLOW_SECONDS)
    return (1 - before / now, False) if slow else (0.0, False)


async def own_delays(window: Window, scope: Scope, tools: Toolbox) -> dict[Entity, float]:
    """By how many seconds a request takes longer than before, as the Services measure it themselves."""
    means: list[dict[Entity, float]] = []
    source = TRAFFIC[0]
    total = source.counter.removesuffix("_count")
    for span in (window, scope.baseline):
        over = f"{braces(in_namespaces(scope.each_namespace()))}[{max(span.end - span.start, 60):.0f}s]"
        parts = (f"sum by (namespace, {source.name_label}) (rate({total}_{part}{over}))" for part in ("sum", "count"))
        at = Window(start=span.end, end=span.end)
        with tools.unnoted():
            result = await tools.read(metric_query, " / ".join(parts), at, 15, MOST)
        means.append(
            {
                Entity(kind="Service", namespace=one.labels.get("namespace", ""), name=name): one.values[-1]
                for one in (result.series if result else ())
                if one.values and (name := one.labels.get(source.name_label, ""))
            }
        )
    return {entity: now - means[1][entity] for entity, now in means[0].items() if entity in means[1]}
