"""What node exporters and kubelets tell of machines that are ill, beside what their objects say."""

from __future__ import annotations

from dataclasses import dataclass

from aiops.agents.scoping.scope import Scope
from aiops.agents.specialists.support.machines import by_node
from aiops.agents.toolbox import Toolbox
from aiops.core.entity import Entity, Manifest
from aiops.core.errors import InvalidInputError
from aiops.core.evidence import Window
from aiops.core.mechanism import Mechanism
from aiops.core.quantity import parse_quantity

NEWEST = 90.0
"""Seconds at the end of the window that tell how a machine is now."""

UP = 'max by (node, nodename, instance) (up{{job=~".*{job}.*"}})'
CPU = 'sum by (node, nodename, instance) (rate(node_cpu_seconds_total{{mode!~"idle|iowait"}}{over}))'
PODS_CPU = 'sum by (node, instance) (rate(container_cpu_usage_seconds_total{{container!=""}}{over}))'
USED = "node_memory_MemTotal_bytes - node_memory_MemAvailable_bytes"
PODS_MEMORY = 'sum by (node, instance) (container_memory_working_set_bytes{{container!=""}})'
CLOCK = "max by (node, nodename, instance) (abs(node_timex_offset_seconds))"
ERRORS = (
    "sum by (node, nodename, instance) (rate(node_network_receive_errs_total{over})"
    " + rate(node_network_transmit_errs_total{over}))"
)
SPEED = 'max by (node, nodename, instance) (node_network_speed_bytes{{device!~"lo|veth.*|cali.*|cni.*"}})'

CLOCK_OFF = 1.0
"""Seconds by which a clock has to be wrong: tokens and certificates bear less."""

CARD_ERRORS = 1.0
"""Errors a second of a network card beyond those of before."""

OUTSIDE = 0.2
"""Share of a machine that something outside of its pods has to have taken since, to be what is wrong."""

FULL = 0.85
"""Share of a machine that has to be in use for its pods to feel it."""


@dataclass(frozen=True, slots=True)
class MachineTrouble:
    """One thing that is told of one node."""

    node: Entity
    mechanism: Mechanism
    strength: float
    summary: str
    observed: str
    asked: str


@dataclass(frozen=True, slots=True)
class MachineReading:
    """Reads expressions by node, at the end of the window and at that of the baseline."""

    scope: Scope
    tools: Toolbox
    manifests: list[Manifest]

    async def now(self, promql: str) -> dict[str, float]:
        end = self.scope.window.end
        return await by_node(promql, Window(start=end - NEWEST, end=end), self.manifests, self.tools)

    async def before(self, promql: str) -> dict[str, float]:
        return await by_node(promql, self.scope.baseline, self.manifests, self.tools)


async def troubles(reading: MachineReading) -> list[MachineTrouble]:
    """All that is told: silent machines, wrong clocks, bad cards, and what is used up by no pod."""
    return [*await _silent(reading), *await _clocks(reading), *await _cards(reading), *await _used_up(reading)]


async def _silent(reading: MachineReading) -> list[MachineTrouble]:
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
            MachineTrouble(
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


async def _clocks(reading: MachineReading) -> list[MachineTrouble]:
    offsets = await reading.now(CLOCK)
    return [
        MachineTrouble(
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


async def _cards(reading: MachineReading) -> list[MachineTrouble]:
    """Cards that count errors, and links that came up at a lower speed."""
    errors, usual = await reading.now(ERRORS), await reading.before(ERRORS)
    found = [
        MachineTrouble(
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
            found.append(MachineTrouble(entity, Mechanism.NETWORK_BANDWIDTH, 0.9, summary, told, SPEED.format()))
    return found


async def _used_up(reading: MachineReading) -> list[MachineTrouble]:
    """Machines on which what is no pod has taken CPU or memory since."""
    found: list[MachineTrouble] = []
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
                found.append(MachineTrouble(entity, mechanism, 0.85, summary, told, whole.format(over="[2m]")))
    return found


def _capacity(manifest: Manifest, what: str) -> float:
    try:
        return float(parse_quantity(manifest.get("status", {}).get("capacity", {}).get(what, "0")))
    except InvalidInputError:
        return 0.0
