"""What somebody wrote that a pod comes from."""

from __future__ import annotations

from aiops.analysis.state.cluster import ClusterState
from aiops.analysis.state.owners import controller, workload_of
from aiops.core.entity import Entity, Manifest


def maker_of(state: ClusterState, pod: Manifest) -> Entity:
    """The workload, Job or CronJob whose template a pod has; the pod itself where nothing controls it."""
    made = state.workload(pod) or workload_of(pod)
    if made is None:
        return Entity.of({"kind": "Pod", **pod})
    job = state.find("Job", made.namespace, made.name) if made.kind == "Job" else None
    owner = controller(job) if job is not None else None
    return Entity(kind=owner[0], namespace=made.namespace, name=owner[1]) if owner else made
