"""Whether the pods of a workload find the names of their namespace: their DNS policy and their resolver's own
configuration."""

from __future__ import annotations

from aiops.core.entity import Entity
from aiops.core.target import Target
from aiops.faults.kit.workloads import find, for_pods
from aiops.faults.registry import Before

DNS = Entity(kind="Service", namespace="kube-system", name="kube-dns")
ZONE = "cluster.local"


async def dns_address(target: Target) -> str:
    """The address of the cluster's DNS."""
    return str((await target.get(DNS))["spec"]["clusterIP"])


def search_of(namespace: str) -> list[str]:
    """The domains that pods of a namespace search."""
    return [f"{namespace}.svc.{ZONE}", f"svc.{ZONE}", ZONE]


async def resolve_themselves(target: Target, before: Before, deployment: Entity, **_: object) -> None:
    """The pods' own resolver says what the policy `ClusterFirst` would."""
    config = {
        "nameservers": [await dns_address(target)],
        "searches": search_of(deployment.namespace),
        "options": [{"name": "ndots", "value": "5"}],
    }
    await target.patch(deployment, for_pods(dnsPolicy="None", dnsConfig=config))


async def is_lost(target: Target, before: Before, deployment: Entity, **_: object) -> bool:
    """Whether the pods of a Deployment do not find the short names of their namespace."""
    found = await find(target, deployment)
    if found is None:
        return True
    spec = found["spec"]["template"]["spec"]
    policy, config = spec.get("dnsPolicy", "ClusterFirst"), spec.get("dnsConfig") or {}
    if policy == "ClusterFirst":
        return False
    first = (config.get("nameservers") or [""])[0]
    home = search_of(deployment.namespace)[0]
    return first != await dns_address(target) or home not in (config.get("searches") or ())
