"""Fault: the certificate of an Ingress was renewed for another name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.entity import Edge, Entity
from aiops.core.errors import NotPossibleError
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.certificates import certificate_in, holds, issued
from aiops.faults.kit.workloads import find, original
from aiops.faults.parameters import choose, one_of, read_edge, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _served(target: Target, namespace: str) -> Sequence[Edge]:
    """An Ingress and the Secret of its first certificate, where that is good."""
    return [
        Edge(
            source=Entity.of(ingress),
            target=Entity(kind="Secret", namespace=namespace, name=ingress["spec"]["tls"][0]["secretName"]),
        )
        for ingress in sorted(await target.list("Ingress", namespace), key=lambda item: str(item["metadata"]["name"]))
        if ingress["spec"].get("tls") and await holds(target, ingress, ingress["spec"]["tls"][0]["hosts"][0])
    ]


async def _present(target: Target, before: Before, use: Edge, form: str, serial: int) -> bool:
    """The Ingress must name a certificate that holds for each host that it was for."""
    ingress, old = await find(target, use.source), original(before, use.source)
    if ingress is None:
        return True
    return not all([await holds(target, ingress, host) for host in old["spec"]["tls"][0]["hosts"]])


async def _other_fix(target: Target, before: Before, use: Edge, form: str, serial: int) -> None:
    """A further certificate for the right names, in a Secret of its own."""
    old, like = original(before, use.source), certificate_in(original(before, use.target))
    if like is None:
        raise NotPossibleError(f"{use.target}: it held no certificate")
    entries = old["spec"]["tls"]
    right = {"name": f"{use.target.name}-renewed", "namespace": use.target.namespace}
    data = issued(like, entries[0]["hosts"], serial + 1)
    await target.create(
        {"apiVersion": "v1", "kind": "Secret", "metadata": right, "type": "kubernetes.io/tls", "data": data}
    )
    changed = [{**entries[0], "secretName": right["name"]}, *entries[1:]]
    await target.patch(use.source, {"spec": {"tls": changed}}, "merge")


@fault(
    Mechanism.TLS_CERTIFICATE_NAME,
    entities=("Secret",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "tls"}),
)
async def certificate_wrong_name(
    target: Target,
    use: Annotated[Edge, choose("an Ingress and its certificate", _served, read_edge)],
    form: Annotated[str, one_of("staging", "internal", "wildcard", "domain")],
    serial: Annotated[int, whole(2**40, 2**41)],
) -> GroundTruth:
    """The certificate of an Ingress is renewed for another name than its host's: users' TLS handshakes fail."""
    like = certificate_in(await target.get(use.target))
    if like is None:
        raise NotPossibleError(f"{use.target}: it holds no certificate")
    host = (await target.get(use.source))["spec"]["tls"][0]["hosts"][0]
    await target.patch(use.target, {"data": issued(like, [_other_name(host, form)], serial)}, "merge")
    return GroundTruth(subject=use.target, mechanism=Mechanism.TLS_CERTIFICATE_NAME, field="data[tls.crt]")


def _other_name(host: str, form: str) -> str:
    """A name that is near a host's, and does not cover it."""
    first, _, domain = host.partition(".")
    if form == "wildcard":
        return f"*.{host}"
    if form == "domain":
        return f"{first}.{domain.rpartition('.')[0]}.org"
    return f"{form}.{host}"
