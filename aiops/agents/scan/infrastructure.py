"""Nodes, volume claims and jobs: what the checks of workloads do not look at."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.agents.scan.report import Severity
from aiops.agents.scan.sighting import Sighting, quoted, show
from aiops.agents.scan.workloads import concerned
from aiops.analysis.state.cluster import ClusterState, is_ready, pod_template
from aiops.core.entity import Entity, Manifest
from aiops.core.moments import created_at, moment

EXPLAINS = 0.9
"""Strength of what keeps pods from running whatever is in them."""

PATIENCE = 120.0
"""Seconds for which a volume claim may wait for its volume."""


def node_sightings(state: ClusterState) -> Iterator[Sighting]:
    """Nodes that are not ready, under pressure or closed for new pods."""
    for node in state.of("Node"):
        conditions = {c["type"]: c for c in node.get("status", {}).get("conditions", [])}
        ready = conditions.pop("Ready", {})
        if ready.get("status") != "True":
            yield _node(state, node, ready, "is not ready", Severity.CRITICAL)
        for name, condition in sorted(conditions.items()):
            if condition.get("status") == "True":
                yield _node(state, node, condition, f"reports {name}", Severity.WARNING)
        if node["spec"].get("unschedulable"):
            yield _node(state, node, {}, "is closed for new pods (cordoned)", Severity.INFO)


def _node(state: ClusterState, node: Manifest, condition: Manifest, what: str, severity: Severity) -> Sighting:
    entity = Entity(kind="Node", name=node["metadata"]["name"])
    pods = [pod for pod in state.of("Pod") if pod["spec"].get("nodeName") == entity.name and not is_ready(pod)]
    owners = (state.workload(pod) for pod in pods)
    return Sighting(
        check="node",
        subject=entity,
        severity=severity,
        title=f"Node {entity.name} {what}.",
        detail=quoted(f"{condition.get('reason', '')} {condition.get('message', '')}".strip()),
        query=show(entity),
        since=moment(condition.get("lastTransitionTime")),
        strength=EXPLAINS if severity == Severity.CRITICAL else 0.0,
        workloads=tuple(dict.fromkeys(owner for owner in owners if owner)),
    )


def claim_sightings(state: ClusterState) -> Iterator[Sighting]:
    """Volume claims that have lost their volume, or wait for one although a pod wants it."""
    for claim in state.of("PersistentVolumeClaim"):
        entity, phase = Entity.of(claim), claim.get("status", {}).get("phase", "Pending")
        users = _users(state, entity)
        created = created_at(claim) or state.now
        waits = phase == "Pending" and users and state.now - created > PATIENCE
        if phase == "Lost" or waits:
            yield Sighting(
                check="volume-claim",
                subject=entity,
                severity=Severity.CRITICAL,
                title=f"{entity} {'has lost its volume' if phase == 'Lost' else 'has no volume'}.",
                detail=f"storage class {claim['spec'].get('storageClassName', 'by default')}",
                query=show(entity),
                since=created if waits else None,
                strength=EXPLAINS,
                workloads=users,
            )


def _users(state: ClusterState, claim: Entity) -> tuple[Entity, ...]:
    """The workloads whose pods mount a claim."""
    found = [state.workload(pod) for pod in state.of("Pod", claim.namespace) if _mounts(pod["spec"], claim.name)]
    templates = [w for w in state.workloads(claim.namespace) if _mounts(pod_template(w).get("spec", {}), claim.name)]
    return tuple(dict.fromkeys([owner for owner in found if owner] + [Entity.of(item) for item in templates]))


def _mounts(spec: Manifest, claim: str) -> bool:
    volumes = spec.get("volumes") or []
    return any((volume.get("persistentVolumeClaim") or {}).get("claimName") == claim for volume in volumes)


def job_sightings(state: ClusterState) -> Iterator[Sighting]:
    """Jobs that gave up."""
    for job in state.of("Job"):
        conditions = {c["type"]: c for c in job.get("status", {}).get("conditions", [])}
        failed = conditions.get("Failed", {})
        if failed.get("status") != "True":
            continue
        entity = Entity.of(job)
        yield Sighting(
            check="job",
            subject=_maker(job) or entity,
            severity=Severity.WARNING,
            title=f"{entity} failed.",
            detail=quoted(f"{failed.get('reason', '')} {failed.get('message', '')}".strip()),
            query=show(entity),
            since=moment(failed.get("lastTransitionTime")),
            workloads=concerned(state, entity),
        )


def _maker(job: Manifest) -> Entity | None:
    """The CronJob of a job: its failures are one cause."""
    for owner in job["metadata"].get("ownerReferences", []):
        if owner.get("controller") and owner["kind"] == "CronJob":
            return Entity(kind="CronJob", namespace=job["metadata"].get("namespace", ""), name=owner["name"])
    return None
