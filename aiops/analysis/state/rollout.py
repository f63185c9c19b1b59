"""How far a workload's pods are with what it asks for now, for all kinds of workloads alike."""

from __future__ import annotations

from dataclasses import dataclass

from aiops.core.entity import Manifest


@dataclass(frozen=True, slots=True)
class Rollout:
    """Numbers of pods. `due` are those that should have the present template; `existing` also counts older ones.

    `observed` is false while the status is of an earlier spec than the present one.
    """

    desired: int
    due: int
    existing: int
    updated: int
    ready: int
    available: int
    observed: bool

    @property
    def finished(self) -> bool:
        """Are there as many pods as asked for, all available, those due of the present template?

        As `kubectl rollout status` tells it, and no pod too many is left.
        """
        return self.observed and self.updated >= self.due and self.existing == self.available == self.desired


def rollout_of(workload: Manifest) -> Rollout:
    """The rollout of a Deployment, StatefulSet or DaemonSet; a count that its status leaves out is zero."""
    spec, status, meta = workload["spec"], workload.get("status", {}), workload["metadata"]
    daemon = workload["kind"] == "DaemonSet"
    desired = int(status.get("desiredNumberScheduled", 0) if daemon else spec.get("replicas", 1))
    held_back = (spec.get("updateStrategy", {}).get("rollingUpdate") or {}).get("partition") or 0
    return Rollout(
        desired=desired,
        due=max(desired - int(held_back), 0),
        existing=int(status.get("currentNumberScheduled" if daemon else "replicas", 0)),
        updated=int(status.get("updatedNumberScheduled" if daemon else "updatedReplicas", 0)),
        ready=int(status.get("numberReady" if daemon else "readyReplicas", 0)),
        available=int(status.get("numberAvailable" if daemon else "availableReplicas", 0)),
        observed=status.get("observedGeneration", 0) >= meta.get("generation", 0),
    )
