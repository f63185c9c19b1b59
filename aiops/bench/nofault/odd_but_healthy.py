"""No fault: a workload that nobody needs, in an odd state for long."""

from __future__ import annotations

from random import Random

from aiops.bench.nofault.registry import no_fault
from aiops.bench.stage import Access, Stage
from aiops.core.entity import Manifest

BATCH = "registry.example.com/batch/report"


@no_fault
async def odd_but_healthy(stage: Stage, access: Access, rng: Random) -> None:
    """A Deployment parked at zero, a Service without pods for it, and a policy for pods that are not there yet."""
    name = f"{rng.choice(('nightly', 'archive', 'report', 'export'))}-{rng.choice(('batch', 'worker', 'job'))}"
    for manifest in _parked(name, stage.namespace):
        await stage.engineer.create(manifest)


def _parked(name: str, namespace: str) -> tuple[Manifest, ...]:
    labels, metadata = {"app": name}, {"name": name, "namespace": namespace}
    container = {"name": name, "image": f"{BATCH}:1.0.0", "ports": [{"containerPort": 8080}]}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    return (
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {**metadata, "labels": labels},
            "spec": {"replicas": 0, "selector": {"matchLabels": labels}, "template": template},
        },
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": metadata,
            "spec": {"selector": labels, "ports": [{"name": "http", "port": 8080, "targetPort": 8080}]},
        },
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": metadata,
            "spec": {"podSelector": {"matchLabels": labels}, "policyTypes": ["Egress"], "egress": []},
        },
    )
