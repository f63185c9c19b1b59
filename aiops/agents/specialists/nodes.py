"""Nodes: what node exporters and kubelets tell of machines that are ill, beside what their objects say."""

from __future__ import annotations

from dataclasses import dataclass

from aiops.agents.registry import Observation, specialist
from aiops.agents.scoping.cluster_objects import read_kind
from aiops.agents.scoping.scope import Scope
from aiops.agents.specialists.support.machines import by_node
from aiops.agents.toolbox import Toolbox, query
from aiops.analysis.state.cluster import moment
from aiops.analysis.state.owners import workload_of
from aiops.core.clock import from_rfc3339
from aiops.core.entity import Entity, Manifest
from aiops.core.errors import InvalidInputError
from aiops.core.evidence import Hypothesis, Source, Window
from aiops.core.mechanism import Mechanism
from aiops.core.quantity import parse_quantity
from aiops.tools.metric_query import metric_query

NEWEST = 90.0

UP = 'max by (node, nodename, instance) (up{{job=~".*{job}.*"}})'
CPU = 'sum by (node, nodename, instance) (rate(node_cpu_seconds_total{{mode!~"idle|iowait"}}{over}))'
PODS_CPU = 'sum by (node, instance) (rate(container_cpu_usage_seconds_total{{container!=""}}{over}))'
USED = "node_memory_MemTotal_bytes - node_memory_MemAvailable_bytes"
PODS_MEMORY = 'sum by (node, instance) (container_memory_working_set_bytes{{container!=""}})'
CLOCK = "max by (node, nodename, instance) (abs(node_timex_offset_seconds))"
TABLE = "node_nf_conntrack_entries / node_nf_conntrack_entries_limit"
ERRORS = (
    "sum by (node, nodename, instance) (rate(node_network_receive_errs_total{over})"
    " + rate(node_network_transmit_errs_total{over}))"
)
SPEED = 'max by (node, nodename, instance) (node_network_speed_bytes{{device!~"lo|veth.*|cali.*|cni.*"}})'

CLOCK_OFF = 1.0
"""Seconds by which a clock has to be wrong: tokens and certificates bear less."""

TABLE_FULL = 0.95
CARD_ERRORS = 1.0
"""Errors a second of a network card beyond those of before."""

OUTSIDE = 0.2
"""Share of a machine that something outside of its pods has to have taken since, to be what is wrong."""

FULL = 0.85
"""Share of a machine that has to be in use for its pods to feel it."""

LATELY = 1800.0
"""Seconds before the onset from which a workload is new."""


@dataclass(frozen=True, slots=True)
class _Told:
    """One thing that is told of one node."""

    node: Entity
    mechanism: Mechanism
    strength: float
    summary: str
    observed: str
    asked: str


@specialist(name="nodes", source=Source.METRICS, tools=("metric_query", "list_objects"))
async def nodes(scope: Scope, tools: Toolbox) -> list[Observation]:
    """Looks which machines are silent, which have a wrong clock, a full table or a bad card, and on which something
    that is no pod uses CPU or memory up."""
    manifests = await read_kind(tools, "Node")
    if not manifests:
        return []
    reading = _Reading(scope, tools, manifests)
    with tools.unnoted():  # a cluster without node exporters says nothing here
        told = [*await _silent(reading), *await _clocks(reading), *await _cards(reading), *await _used_up(reading)]
        crowded = await reading.now(TABLE)
    found = [_observation(one, scope) for one in told]
    full = sorted(node for node, share in crowded.items() if share >= TABLE_FULL)
    if full:
        found += await _crowd(full, crowded, scope, tools)
    return found


@dataclass(frozen=True, slots=True)
class _Reading:
    """Reads expressions by node, at the end of the window and at that of the baseline."""

    scope: Scope
    tools: Toolbox
    manifests: list[Manifest]

    async def now(self, promql: str) -> dict[str, float]:
        end = self.scope.window.end
        return await by_node(promql, Window(start=end - NEWEST, end=end), self.manifests, self.tools)

    async def before(self, promql: str) -> dict[str, float]:
        return await by_node(promql, self.scope.baseline, self.manifests, self.tools)


async def _silent(reading: _Reading) -> list[_Told]:
    """Nodes that are not ready: does the machine still answer?"""
    silent = {m["metadata"]["name"] for m in reading.manifests if _ready(m) == "Unknown"}
    if not silent:
        return []
    exporters = await reading.now(UP.replace("{job}", "node-exporter"))
    kubelets = await reading.now(UP.replace("{job}", "kubelet"))
    found = []
    for name in sorted(silent):
        machine, kubelet = exporters.get(name), kubelets.get(name)
        if machine is None and kubelet is None:
            continue
        runs = bool(machine)
        what = "its machine still answers" if runs else "nothing on it answers"
        found.append(
            _Told(
                Entity(kind="Node", name=name),
                Mechanism.NODE_NOT_READY if runs else Mechanism.NODE_DOWN,
                0.85,
                f"Node {name} says nothing any more, and {what}.",
                f"kubelet {'up' if kubelet else 'down'}, node exporter {'up' if runs else 'down'}",
                "up",
            )
        )
    return found


def _ready(manifest: Manifest) -> str:
    conditions = manifest.get("status", {}).get("conditions") or []
    return next((str(c["status"]) for c in conditions if c["type"] == "Ready"), "")


async def _clocks(reading: _Reading) -> list[_Told]:
    offsets = await reading.now(CLOCK)
    return [
        _Told(
            Entity(kind="Node", name=name),
            Mechanism.NODE_CLOCK,
            0.9,
            f"The clock of node {name} is wrong.",
            f"{offset:.3g} s off its source",
            CLOCK,
        )
        for name, offset in sorted(offsets.items())
        if offset >= CLOCK_OFF
    ]


async def _cards(reading: _Reading) -> list[_Told]:
    """Cards that count errors, and links that came up at a lower speed."""
    errors, usual = await reading.now(ERRORS), await reading.before(ERRORS)
    found = [
        _Told(
            Entity(kind="Node", name=name),
            Mechanism.NODE_NETWORK,
            0.85,
            f"The network card of node {name} counts errors.",
            f"{rate:.3g} a second; before: {usual.get(name, 0.0):.3g}",
            ERRORS.format(over="[2m]"),
        )
        for name, rate in sorted(errors.items())
        if rate - usual.get(name, 0.0) >= CARD_ERRORS
    ]
    speed, former = await reading.now(SPEED), await reading.before(SPEED)
    for name, value in sorted(speed.items()):
        if 0 < value < former.get(name, 0.0):
            told = f"{value:.3g} bytes a second; before: {former[name]:.3g}"
            summary = f"The link of node {name} is slower than before."
            entity = Entity(kind="Node", name=name)
            found.append(_Told(entity, Mechanism.NETWORK_BANDWIDTH, 0.9, summary, told, SPEED.format()))
    return found


async def _used_up(reading: _Reading) -> list[_Told]:
    """Machines on which what is no pod has taken CPU or memory since."""
    found: list[_Told] = []
    for what, whole, pods, mechanism in (
        ("cpu", CPU, PODS_CPU, Mechanism.NODE_CPU),
        ("memory", USED, PODS_MEMORY, Mechanism.NODE_MEMORY_PRESSURE),
    ):
        used, inside = await reading.now(whole), await reading.now(pods)
        former, before = await reading.before(whole), await reading.before(pods)
        for manifest in reading.manifests:
            name = manifest["metadata"]["name"]
            size = _capacity(manifest, what)
            if not size or name not in used or name not in former:
                continue
            outside = used[name] - inside.get(name, 0.0) - (former[name] - before.get(name, 0.0))
            if outside / size >= OUTSIDE and used[name] / size >= FULL:
                entity = Entity(kind="Node", name=name)
                summary = f"Something that is no pod uses the {what} of node {name} up."
                told = f"{used[name] / size:.0%} in use, {outside / size:.0%} of it new and of no pod"
                found.append(_Told(entity, mechanism, 0.85, summary, told, whole.format(over="[2m]")))
    return found


def _capacity(manifest: Manifest, what: str) -> float:
    try:
        return float(parse_quantity(manifest.get("status", {}).get("capacity", {}).get(what, "0")))
    except InvalidInputError:
        return 0.0


def _observation(told: _Told, scope: Scope) -> Observation:
    return Observation(
        subject=told.node,
        query=query(metric_query, query=told.asked, window=scope.window),
        window=scope.window,
        summary=told.summary,
        observed=told.observed,
        score=0.9,
        suggests=(Hypothesis(subject=told.node, mechanism=told.mechanism, strength=told.strength),),
    )


async def _crowd(full: list[str], shares: dict[str, float], scope: Scope, tools: Toolbox) -> list[Observation]:
    """Who fills the table of connections of these nodes: a workload that began on them shortly before, else those with
    the most sockets."""
    pods = [pod for ns in scope.each_namespace() for pod in await read_kind(tools, "Pod", ns)]
    here = [pod for pod in pods if pod["spec"].get("nodeName") in full]
    new = sorted({str(w): w for pod in here if (w := workload_of(pod)) and _began(pod, scope)}.items())
    made = await _made_lately([entity for _, entity in new], scope, tools)
    suspects = made or [entity for _, entity in new]
    strength = 0.95 if len(suspects) == 1 else 0.6 / max(len(suspects), 1)
    nodes = ", ".join(full)
    return [
        Observation(
            subject=Entity(kind="Node", name=full[0]),
            query=query(metric_query, query=TABLE, window=scope.window),
            window=scope.window,
            summary=f"The table of connections is full on {nodes}: no new connection passes.",
            observed=", ".join(f"{name}: {shares[name]:.0%}" for name in full),
            score=0.9,
            suggests=tuple(
                Hypothesis(subject=entity, mechanism=Mechanism.NETWORK_PORTS_EXHAUSTED, strength=strength)
                for entity in suspects
            ),
        )
    ]


def _began(pod: Manifest, scope: Scope) -> bool:
    created = pod["metadata"].get("creationTimestamp")
    return bool(created) and from_rfc3339(created) >= scope.onset - LATELY


async def _made_lately(workloads: list[Entity], scope: Scope, tools: Toolbox) -> list[Entity]:
    """Those that were themselves made lately, and not only given new pods."""
    found = []
    for kind, namespace in sorted({(w.kind, w.namespace) for w in workloads}):
        for item in await read_kind(tools, kind, namespace):
            entity = Entity.of(item)
            made = moment(item["metadata"].get("creationTimestamp"))
            if entity in workloads and made is not None and made >= scope.onset - LATELY:
                found.append(entity)
    return found
