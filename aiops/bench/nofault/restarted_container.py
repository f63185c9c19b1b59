"""No fault: a container that ended once, and runs again."""

from __future__ import annotations

from random import Random

from aiops.bench.nofault.places import leaving, node_names
from aiops.bench.nofault.registry import no_fault
from aiops.bench.stage import Access, Stage
from aiops.core.disturbance.process import ContainerKill
from aiops.core.disturbance.scope import Pods
from aiops.core.errors import NotPossibleError


@no_fault
async def restarted_container(stage: Stage, access: Access, rng: Random) -> None:
    """The container of one pod of several is killed once; the kubelet starts it again, and it stays up."""
    kube = stage.engineer
    pods = [pod for name in await node_names(kube) for pod in await leaving(kube, name)]
    own = [pod for pod in pods if pod.namespace == stage.namespace]
    if not own:
        raise NotPossibleError(f"no workload of namespace {stage.namespace!r} runs on two nodes")
    pod = rng.choice(own)
    await stage.plane.begin("ended-once", ContainerKill(pods=Pods(namespace=pod.namespace, names=(pod.name,))))
