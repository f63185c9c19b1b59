"""What exporters tell, by node: their labels name it in many ways."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aiops.agents.toolbox import Toolbox
from aiops.core.entity import Manifest
from aiops.core.evidence import Window
from aiops.tools.metric_query import metric_query

NODE_LABELS = ("node", "nodename", "kubernetes_node", "instance")

MOST = 2000

RESENT = "rate(node_netstat_Tcp_RetransSegs{over})"
SENT = (
    "sum by (node, nodename, instance) "
    '(rate(node_network_transmit_packets_total{{device!~"lo|veth.*|cali.*|cni.*"}}{over}))'
)

RISE = 1.0
"""Segments a second that a node sends again beyond what it did before, from which packets are lost."""


async def sent_again(window: Window, baseline: Window, nodes: Sequence[Manifest], tools: Toolbox) -> dict[str, float]:
    """By how many TCP segments a second more each node sends again than before; nodes of which nothing is told are
    left out."""
    with tools.unnoted():
        now, before = [await by_node(RESENT, one, nodes, tools) for one in (window, baseline)]
    return {node: value - before.get(node, 0.0) for node, value in now.items()}


async def sent_again_share(
    window: Window, baseline: Window, nodes: Sequence[Manifest], tools: Toolbox
) -> dict[str, float]:
    """By which share of its packets more each node sends segments again than before; 0 where too few to tell."""
    more = await sent_again(window, baseline, nodes, tools)
    with tools.unnoted():
        packets = await by_node(SENT, window, nodes, tools)
    return {node: rise / packets[node] if rise >= RISE else 0.0 for node, rise in more.items() if packets.get(node)}


async def by_node(promql: str, window: Window, nodes: Sequence[Manifest], tools: Toolbox) -> dict[str, float]:
    """The sum of an expression's values at the window's end by node; `{over}` stands for the window as a range."""
    over = f"[{max(window.end - window.start, 60):.0f}s]"
    asked = promql.format(over=over)
    result = await tools.read(metric_query, asked, Window(start=window.end, end=window.end), 15, MOST)
    found: dict[str, float] = {}
    for one in result.series if result else ():
        node = node_of(one.labels, nodes)
        if node and one.values:
            found[node] = found.get(node, 0.0) + one.values[-1]
    return found


def node_of(labels: Mapping[str, str], nodes: Sequence[Manifest]) -> str:
    """The node that a series is about: by a label with its name, or by its address."""
    names = {node["metadata"]["name"] for node in nodes}
    for label in NODE_LABELS:
        value = labels.get(label, "")
        if value in names:
            return value
        host = value.rpartition(":")[0] or value
        for node in nodes:
            addresses = {a.get("address") for a in node.get("status", {}).get("addresses") or ()}
            if host and (host == node["metadata"]["name"] or host in addresses):
                return str(node["metadata"]["name"])
    return ""
