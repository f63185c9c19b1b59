"""Whom a pod belongs to, and what somebody wrote that it comes from."""

from __future__ import annotations

from aiops.analysis.state.cluster import ClusterState
from aiops.analysis.state.owners import controller, workload_of
from aiops.core.entity import Entity, Manifest


def subject_of(state: ClusterState, pod: Manifest) -> Entity:
    """What a finding about a pod is about: its workload or Job; the pod itself where nothing controls it."""
    return state.workload(pod) or workload_of(pod) or Entity.of(pod)


def maker_of(state: ClusterState, pod: Manifest) -> Entity:
    """The workload, Job or CronJob whose template a pod has; the pod itself where nothing controls it."""
    made = subject_of(state, pod)
    job = state.find("Job", made.namespace, made.name) if made.kind == "Job" else None
    owner = controller(job) if job is not None else None
    return Entity(kind=owner[0], namespace=made.namespace, name=owner[1]) if owner else made
