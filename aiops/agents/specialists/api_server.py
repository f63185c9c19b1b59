"""API server: whether it turns requests away or answers late, and who began to ask it shortly before."""

from __future__ import annotations

from aiops.agents.registry import Observation, specialist
from aiops.agents.scoping.cluster_objects import read_kind
from aiops.agents.scoping.scope import Scope
from aiops.agents.toolbox import Toolbox, query
from aiops.core.entity import WORKLOAD_KINDS, Entity
from aiops.core.evidence import Hypothesis, Source, Window
from aiops.core.mechanism import Mechanism
from aiops.core.moments import created_at
from aiops.core.wellknown import SYSTEM_NAMESPACE
from aiops.tools.metric_query import metric_query

REFUSED = (
    'sum(rate(apiserver_request_total{code="429"}[2m])) or sum(rate(apiserver_flowcontrol_rejected_requests_total[2m]))'
)
LATE = (
    "histogram_quantile(0.99, sum by (le) "
    '(rate(apiserver_request_duration_seconds_bucket{verb!~"WATCH|CONNECT|WATCHLIST"}[2m])))'
)

CREATED = "max by (namespace, exported_namespace, {label}) (kube_{label}_created) >= {since:.0f}"

KINDS = (*WORKLOAD_KINDS, "CronJob")
MOST = 200

REFUSALS = 0.2
"""Requests a second that are turned away beyond those of before."""

SECONDS = 1.0
"""Seconds that the slowest percent of the requests takes where the server is crowded; before, it took less."""

LATELY = 900.0
"""Seconds before the onset from which who began to run may be who asks so much."""

ALONE, AMONG = 0.85, 0.6


@specialist(name="api-server", source=Source.METRICS, tools=("metric_query", "list_objects"))
async def api_server(scope: Scope, tools: Toolbox) -> list[Observation]:
    """Finds out whether the API server is overloaded, and blames the workloads that were made shortly before."""
    with tools.unnoted():  # many clusters show nothing of their control plane
        refused = [await _value(REFUSED, at, tools) for at in (scope.window.end, scope.baseline.end)]
        late = [await _value(LATE, at, tools) for at in (scope.window.end, scope.baseline.end)]
    crowded = refused[0] - refused[1] >= REFUSALS or (late[0] >= SECONDS > late[1] and late[1] > 0)
    if not crowded:
        return []
    suspects = await _made_lately(scope, tools)
    observed = f"{refused[0]:.3g} requests a second turned away, {late[0]:.3g} s at the 99th percentile"
    return [
        Observation(
            subject=suspect,
            query=query(metric_query, query=REFUSED, window=scope.window),
            window=scope.window,
            summary=f"The API server is overloaded since {suspect} was made.",
            observed=observed,
            baseline=f"{refused[1]:.3g} a second, {late[1]:.3g} s",
            score=0.9,
            suggests=(
                Hypothesis(
                    subject=suspect,
                    mechanism=Mechanism.NODE_API_SERVER,
                    strength=ALONE if len(suspects) == 1 else AMONG / len(suspects),
                ),
            ),
        )
        for suspect in suspects
    ]


async def _value(promql: str, at: float, tools: Toolbox) -> float:
    result = await tools.read(metric_query, promql, Window(start=at, end=at), 15)
    values = [one.values[-1] for one in (result.series if result else ()) if one.values]
    return max(values, default=0.0)


async def _made_lately(scope: Scope, tools: Toolbox) -> list[Entity]:
    """Workloads that were made shortly before, anywhere: those who ask need not be those who suffer. A server that
    turns requests away turns ours away too, so kube-state-metrics is asked as well."""
    found = []
    for kind in KINDS:
        for namespace in ("", SYSTEM_NAMESPACE):
            for item in await read_kind(tools, kind, namespace):
                made = created_at(item)
                if made is not None and scope.onset - LATELY <= made <= scope.reported:
                    found.append(Entity.of(item))
        found += await _told_made(kind, scope, tools)
    return list(dict.fromkeys(found))


async def _told_made(kind: str, scope: Scope, tools: Toolbox) -> list[Entity]:
    """The same of one kind, as kube-state-metrics tells it."""
    label = kind.lower()
    asked = CREATED.format(label=label, since=scope.onset - LATELY)
    at = Window(start=scope.window.end, end=scope.window.end)
    with tools.unnoted():  # who runs no kube-state-metrics has the objects themselves
        result = await tools.read(metric_query, asked, at, 15, MOST)
    found = []
    for one in result.series if result else ():
        namespace = one.labels.get("exported_namespace") or one.labels.get("namespace", "")
        seen = tools.is_allowed(namespace) or namespace == SYSTEM_NAMESPACE
        if seen and one.values and one.values[-1] <= scope.reported:
            found.append(Entity(kind=kind, namespace=namespace, name=one.labels.get(label, "")))
    return found
