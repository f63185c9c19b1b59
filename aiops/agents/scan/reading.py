"""Reads what a scan looks at: every kind listed once, a few at a time, within one deadline.

Objects and certificates are read by the clients themselves, not by tools: a large cluster is read once and whole, of
events the warnings alone, a kind without objects is no gap, and none of it is kept. What a scan tells are sentences,
from which secrets are taken out, about the namespaces that may be looked at.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import TypeVar

from aiops.agents.scoping.cluster_objects import EVERYWHERE, IN_SCOPE, NEIGHBOURS
from aiops.agents.scoping.observed_calls import observed_calls
from aiops.agents.toolbox import Toolbox
from aiops.analysis.state.cluster import ClusterState, ObservedCall
from aiops.core.clock import Stopwatch
from aiops.core.entity import Manifest
from aiops.core.errors import (
    ClusterUnreachableError,
    DeniedError,
    InvalidInputError,
    RemoteError,
)
from aiops.core.evidence import Window
from aiops.core.telemetry import Series
from aiops.tools.firing_alerts import Alert, firing_alerts
from aiops.tools.kit.certificate_expiry import EXPIRIES
from aiops.tools.kit.context import READS_AT_ONCE, Context

T = TypeVar("T")

DEADLINE = 25.0
"""Wall seconds after which what was not read is told as missing."""

MOST_ALERTS = 500
"""Firing alerts that are looked at; more are no help to anybody."""

CALLS_LOOK_BACK = 300.0
"""Seconds of metrics from which the calls between workloads are read."""

ONLY_SCANNED = ("Event",)
"""What the scan reads beside the kinds of the state checks; of events the warnings."""

SCANNED_KINDS = (*EVERYWHERE, *NEIGHBOURS, *IN_SCOPE, *ONLY_SCANNED)


@dataclass(slots=True)
class Seen:
    """What was read. `state` holds the objects, `kinds` are those that could be listed somewhere, even if there were
    none; `events` are warnings; `expiries` are in unix seconds."""

    state: ClusterState
    kinds: frozenset[str] = frozenset()
    events: list[Manifest] = field(default_factory=list)
    alerts: tuple[Alert, ...] = ()
    expiries: list[Series] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


class Reader:
    """One scan's reads. `missing` collects what could not be seen, as sentences."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx.reading_once()
        self._slots = asyncio.Semaphore(READS_AT_ONCE)
        self._watch = Stopwatch()
        self._unreachable: list[ClusterUnreachableError] = []
        self._kinds: set[str] = set()
        self.missing: list[str] = []

    async def read(self, namespaces: tuple[str, ...]) -> Seen:
        """Everything, as far as it can be read. Raises `ClusterUnreachableError` where the cluster never answered."""
        now = await self._ctx.clock.sync()
        wanted = scopes(self._ctx, namespaces)
        lists = asyncio.gather(*(self._list(kind, scope, namespaces) for kind, scope in wanted))
        found, (alerts, expiries, calls) = await asyncio.gather(lists, self._metrics(namespaces, now))
        if self._unreachable and not self._kinds:
            raise self._unreachable[0]
        objects = [item for items in found for item in items]
        return Seen(
            state=ClusterState(objects, now, calls),
            kinds=frozenset(self._kinds),
            events=[item for item in objects if item["kind"] == "Event"],
            alerts=alerts,
            expiries=expiries,
            missing=list(dict.fromkeys(self.missing)),
        )

    async def _list(self, kind: str, namespace: str, namespaces: tuple[str, ...]) -> list[Manifest]:
        where = f" in {namespace}" if namespace else ""
        found = await self._try(f"{kind}{where}", listed(self._ctx, kind, namespace, namespaces))
        if found is None:
            return []
        self._kinds.add(kind)
        return found

    async def _metrics(
        self, namespaces: tuple[str, ...], now: float
    ) -> tuple[tuple[Alert, ...], list[Series], list[ObservedCall]]:
        metrics = self._ctx.metrics
        if metrics is None:
            self.missing.append("no Prometheus is configured: alerts, certificates and failing calls were not seen")
            return (), [], []
        alerts, expiries, calls = await asyncio.gather(
            self._try("alerts", firing_alerts(self._ctx, limit=MOST_ALERTS)),
            self._try("certificates", metrics.query(EXPIRIES, now)),
            self._try("calls between workloads", self._calls(namespaces, now)),
        )
        if alerts is not None and alerts.no_data:
            self.missing.append(f"alerts: {alerts.no_data}")
        return (alerts.alerts if alerts else ()), expiries or [], calls or []

    async def _calls(self, namespaces: tuple[str, ...], now: float) -> list[ObservedCall]:
        tools = Toolbox(self._ctx, ("dependencies",))
        return await observed_calls(tools, namespaces, Window(start=now - CALLS_LOOK_BACK, end=now))

    async def _try(self, what: str, reading: Awaitable[T]) -> T | None:
        """The result; None, and a sentence in `missing`, where there is none in time."""
        async with self._slots:
            try:
                async with asyncio.timeout(max(DEADLINE - self._watch.seconds(), 0.0)):
                    return await reading
            except TimeoutError:
                self.missing.append(f"{what}: no answer within {DEADLINE:.0f} s")
            except DeniedError:
                self.missing.append(f"{what}: denied")
            except ClusterUnreachableError as error:
                self._unreachable.append(error)
                self.missing.append(f"{what}: {error}")
            except (RemoteError, InvalidInputError) as error:
                self.missing.append(f"{what}: {error}")
        return None


async def listed(ctx: Context, kind: str, scope: str, namespaces: tuple[str, ...]) -> list[Manifest]:
    """The objects of a kind; of events the warnings. Where the whole cluster is denied, those in `namespaces`.

    Raises `DeniedError`, `ServiceError`, `TransportError`."""
    fields = "type=Warning" if kind == "Event" else ""
    try:
        return await ctx.kube.list(kind, scope, fields=fields)
    except DeniedError:
        if scope or not namespaces or kind in EVERYWHERE:
            raise
    return [item for namespace in namespaces for item in await ctx.kube.list(kind, namespace, fields=fields)]


def scopes(ctx: Context, namespaces: tuple[str, ...]) -> list[tuple[str, str]]:
    """(kind, namespace) of every list that a scan makes; callers and gateways are read in all allowed namespaces."""
    everywhere = [(kind, "") for kind in EVERYWHERE]
    near = [(kind, scope) for kind in NEIGHBOURS for scope in ctx.scope()]
    inside = [(kind, scope) for kind in (*IN_SCOPE, *ONLY_SCANNED) for scope in namespaces or ctx.scope()]
    return [*everywhere, *near, *inside]
