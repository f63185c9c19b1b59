"""What happens to packets between a workload and a Service that it calls, and whether it still happens."""

from __future__ import annotations

from aiops.core.disturbance import Disturbance, Pods
from aiops.core.entity import Edge
from aiops.core.target import Target


async def both_ends(target: Target, call: Edge) -> tuple[Pods, Pods]:
    """The pods of a call's Deployment, and those that its Service selects."""
    caller, service = await target.get(call.source), await target.get(call.target)
    return (
        Pods(namespace=call.source.namespace, labels=caller["spec"]["selector"]["matchLabels"]),
        Pods(namespace=call.target.namespace, labels=service["spec"]["selector"]),
    )


async def stands(target: Target, disturbance: Disturbance) -> bool:
    """Whether it goes on, and something is left that it is tied to."""
    return any(
        standing.disturbance == disturbance and (disturbance.while_running is None or standing.in_effect)
        for standing in (await target.disturbances()).values()
    )
