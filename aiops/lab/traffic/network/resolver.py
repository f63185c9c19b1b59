"""How the containers of a pod look names up: what the kubelet writes into their resolv.conf.

As Kubernetes' "DNS for Services and Pods": `dnsPolicy` chooses the server, `dnsConfig` adds to it, or stands alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from aiops.core.entity import Manifest

ZONE = "cluster.local"
DOTS = 5
"""`ndots` of a pod that asks the cluster's DNS."""

NODE_SERVER = "169.254.20.1"
"""The DNS server of the nodes, which knows nothing of the cluster."""


@dataclass(frozen=True, slots=True)
class Resolver:
    """The DNS servers that are asked, the domains that are searched, and how many dots a name needs to be looked up as
    it is before that."""

    servers: tuple[str, ...]
    search: tuple[str, ...] = ()
    ndots: int = 1

    def tried(self, name: str) -> Iterator[str]:
        """The complete names that a name may stand for, in the order in which they are looked up."""
        bare = name.rstrip(".").lower()
        if name.endswith("."):
            yield bare
            return
        complete = bare.count(".") >= self.ndots
        if complete:
            yield bare
        yield from (f"{bare}.{domain}" for domain in self.search)
        if not complete:
            yield bare


def resolver_of(pod: Manifest, namespace: str, cluster_dns: str) -> Resolver:
    """The resolver of a pod's containers; `cluster_dns` is the address of the cluster's DNS."""
    spec = pod["spec"]
    policy, config = str(spec.get("dnsPolicy") or "ClusterFirst"), spec.get("dnsConfig") or {}
    if policy == "ClusterFirst" and spec.get("hostNetwork"):
        policy = "Default"
    servers, search, ndots = _of_policy(policy, namespace, cluster_dns)
    options = {option["name"]: option.get("value") for option in config.get("options") or ()}
    return Resolver(
        tuple(dict.fromkeys((*servers, *(config.get("nameservers") or ())))),
        tuple(dict.fromkeys((*search, *(domain.rstrip(".") for domain in config.get("searches") or ())))),
        int(options.get("ndots") or ndots),
    )


def _of_policy(policy: str, namespace: str, cluster_dns: str) -> tuple[tuple[str, ...], tuple[str, ...], int]:
    if policy == "None":
        return (), (), 1
    if policy == "Default":
        return (NODE_SERVER,), (), 1
    return (cluster_dns,), (f"{namespace}.svc.{ZONE}", f"svc.{ZONE}", ZONE), DOTS
