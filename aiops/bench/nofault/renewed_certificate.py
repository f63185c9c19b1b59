"""No fault: a certificate is renewed."""

from __future__ import annotations

from random import Random

from aiops.bench.nofault.registry import no_fault
from aiops.bench.stage import Access, Stage
from aiops.core.entity import Entity, Manifest
from aiops.core.errors import NotPossibleError


@no_fault
async def renewed_certificate(stage: Stage, access: Access, rng: Random) -> None:
    """The Ingress gets its certificate from a new Secret, as after a renewal; connections go on."""
    kube, namespace = stage.engineer, stage.namespace
    ingress = next((each for each in await kube.list("Ingress", namespace) if each["spec"].get("tls")), None)
    if ingress is None:
        raise NotPossibleError(f"no Ingress of namespace {namespace!r} is served with TLS")
    entries = ingress["spec"]["tls"]
    old = await kube.get(Entity(kind="Secret", namespace=namespace, name=entries[0]["secretName"]))
    name = f"{entries[0]['secretName']}-{rng.randint(2, 99)}"
    made: Manifest = {"apiVersion": "v1", "kind": "Secret", "type": old["type"], "data": old["data"]}
    await kube.create({**made, "metadata": {"name": name, "namespace": namespace}})
    changed = [{**entries[0], "secretName": name}, *entries[1:]]
    await kube.patch(Entity.of(ingress), {"spec": {"tls": changed}}, "merge")
