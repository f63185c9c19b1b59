"""No fault: a pod is evicted, and another one takes its place."""

from __future__ import annotations

from random import Random

from aiops.bench.nofault.places import leaving, node_names
from aiops.bench.nofault.registry import no_fault
from aiops.bench.stage import Access, Stage
from aiops.core.errors import NotPossibleError


@no_fault
async def replaced_pod(stage: Stage, access: Access, rng: Random) -> None:
    """One pod of several is evicted to make room on its node; its Deployment starts another one."""
    kube = stage.engineer
    pods = [pod for name in await node_names(kube) for pod in await leaving(kube, name)]
    own = [pod for pod in pods if pod.namespace == stage.namespace]
    if not own:
        raise NotPossibleError(f"no workload of namespace {stage.namespace!r} runs on two nodes")
    await kube.evict(rng.choice(own))
