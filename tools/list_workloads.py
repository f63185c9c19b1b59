"""Which workloads there are and whether they have the pods that they ask for."""

from __future__ import annotations

from collections import defaultdict

from aiops.analysis.state.rollout import rollout_of
from aiops.core.entity import WORKLOAD_KINDS, Entity, Manifest
from aiops.core.model import Value
from aiops.tools.kit.arguments import Limit, Namespace
from aiops.tools.kit.context import Context
from aiops.tools.kit.pod_state import PodSummary, summarise
from aiops.tools.kit.registry import tool
from aiops.tools.kit.results import Result, bounded
from aiops.tools.kit.rights import reads

MOST_PROBLEMS = 10


class Condition(Value):
    """A condition of an object's status."""

    type: str
    status: str
    reason: str = ""
    message: str = ""


class WorkloadSummary(Value):
    """One workload. `problems` are sentences about its pods; `observed` is false while its controller lags behind."""

    entity: Entity
    desired: int
    ready: int
    updated: int
    available: int
    restarts: int
    observed: bool
    images: dict[str, str]
    labels: dict[str, str]
    selector: dict[str, str]
    conditions: tuple[Condition, ...] = ()
    pods: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


class WorkloadList(Result):
    """Workloads by kind, namespace and name."""

    workloads: tuple[WorkloadSummary, ...] = ()


@tool(effect="reads", needs=reads(*WORKLOAD_KINDS, "Pod"))
async def list_workloads(ctx: Context, namespace: Namespace = "", limit: Limit = 200) -> WorkloadList:
    """List Deployments, StatefulSets and DaemonSets: pods wanted and ready, restarts, images, conditions, problems."""
    manifests: list[Manifest] = []
    pods: dict[Entity, list[PodSummary]] = defaultdict(list)
    for scope in ctx.scope(namespace):
        for kind in WORKLOAD_KINDS:
            manifests += await ctx.kube.list(kind, scope)
        for pod in map(summarise, await ctx.kube.list("Pod", scope)):
            if pod.workload is not None:
                pods[pod.workload].append(pod)
    kept, left_out = bounded(manifests, limit)
    found = tuple(_workload(manifest, pods[Entity.of(manifest)]) for manifest in kept)
    where = f"in namespace {namespace}" if namespace else "in any namespace that may be looked at"
    return WorkloadList(workloads=found, left_out=left_out, no_data=None if found else f"there is no workload {where}")


def _workload(manifest: Manifest, pods: list[PodSummary]) -> WorkloadSummary:
    spec, rollout = manifest["spec"], rollout_of(manifest)
    problems = [f"pod {pod.entity.name} {problem}" for pod in pods for problem in pod.problems]
    return WorkloadSummary(
        entity=Entity.of(manifest),
        desired=rollout.desired,
        ready=rollout.ready,
        updated=rollout.updated,
        available=rollout.available,
        restarts=sum(container.restarts for pod in pods for container in pod.containers),
        observed=rollout.observed,
        images={c["name"]: c.get("image", "") for c in spec["template"]["spec"]["containers"]},
        labels=spec["template"].get("metadata", {}).get("labels", {}),
        selector=spec.get("selector", {}).get("matchLabels", {}),
        conditions=tuple(
            Condition(type=c["type"], status=c["status"], reason=c.get("reason", ""), message=c.get("message", ""))
            for c in manifest.get("status", {}).get("conditions", [])
        ),
        pods=tuple(pod.entity.name for pod in pods),
        problems=tuple(problems[:MOST_PROBLEMS]),
    )
