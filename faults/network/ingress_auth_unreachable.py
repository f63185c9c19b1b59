"""Fault: the gateway has to ask somebody who is not there whether a user may come in."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from aiops.core.entity import Entity, Manifest
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.front import ANNOTATIONS, ingresses
from aiops.faults.kit.workloads import find
from aiops.faults.parameters import choose, one_of
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

KEY = f"{ANNOTATIONS}/auth-url"
IMAGE = "docker.io/hashicorp/http-echo:1.0"
PORT = 5678


async def _present(target: Target, before: Before, ingress: Entity, name: str, path: str) -> bool:
    """Who is asked must be there."""
    found = await find(target, ingress)
    if found is None:
        return True
    asked = urlsplit((found["metadata"].get("annotations") or {}).get(KEY, "")).hostname or ""
    service, namespace = [*asked.split("."), ""][:2]
    return bool(asked) and await find(target, Entity(kind="Service", namespace=namespace, name=service)) is None


async def _other_fix(target: Target, before: Before, ingress: Entity, name: str, path: str) -> None:
    """Who is asked is there, and lets everybody in."""
    labels = {"app": name}
    metadata = {"name": name, "namespace": ingress.namespace, "labels": labels}
    container: Manifest = {"name": name, "image": IMAGE, "args": ["-text=ok"], "ports": [{"containerPort": PORT}]}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    spec: Manifest = {"replicas": 1, "selector": {"matchLabels": labels}, "template": template}
    await target.create({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec})
    ports = [{"name": "http", "port": 80, "targetPort": PORT}]
    await target.create(
        {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": {"selector": labels, "ports": ports}}
    )


@fault(
    Mechanism.NETWORK_PROXY,
    entities=("Ingress",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "gateway"}),
)
async def ingress_auth_unreachable(
    target: Target,
    ingress: Annotated[Entity, choose("an Ingress", ingresses, Entity.parse)],
    name: Annotated[str, one_of("oauth2-proxy", "auth-gate", "session-check", "sso")],
    path: Annotated[str, one_of("/oauth2/auth", "/verify", "/check")],
) -> GroundTruth:
    """The gateway asks a service that does not exist whether users may come in: it answers every request with 500."""
    url = f"http://{name}.{ingress.namespace}.svc.cluster.local{path}"
    await target.patch(ingress, {"metadata": {"annotations": {KEY: url}}}, "merge")
    return GroundTruth(subject=ingress, mechanism=Mechanism.NETWORK_PROXY, field=f"metadata.annotations[{KEY}]")
