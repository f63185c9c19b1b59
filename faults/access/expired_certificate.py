"""Fault: an Ingress is served with a certificate that has expired."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.entity import Edge, Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.certificates import certificate_in, holds, made
from aiops.faults.kit.workloads import find, original
from aiops.faults.parameters import choose, one_of, read_edge
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _replacements(target: Target, namespace: str) -> Sequence[Edge]:
    """An Ingress with TLS, and a Secret of the namespace whose certificate had ended before the Ingress was made."""
    ended = []
    for secret in sorted(await target.list("Secret", namespace), key=lambda item: str(item["metadata"]["name"])):
        certificate = certificate_in(secret)
        if certificate is not None:
            ended.append((Entity.of(secret), certificate.not_valid_after_utc))
    return [
        Edge(source=Entity.of(ingress), target=secret)
        for ingress in sorted(await target.list("Ingress", namespace), key=lambda item: str(item["metadata"]["name"]))
        if ingress["spec"].get("tls")
        for secret, end in ended
        if end < made(ingress)
    ]


async def _present(target: Target, before: Before, use: Edge, form: str) -> bool:
    """The first Secret that the Ingress names for a host must hold a certificate for it that has not ended."""
    ingress, old = await find(target, use.source), original(before, use.source)
    if ingress is None:
        return True
    return not all([await holds(target, ingress, host) for host in old["spec"]["tls"][0]["hosts"]])


async def _other_fix(target: Target, before: Before, use: Edge, form: str) -> None:
    """The certificate in the wrong Secret is renewed: it gets the content of the right one."""
    old = original(before, use.source)
    right = Entity(kind="Secret", namespace=use.source.namespace, name=old["spec"]["tls"][0]["secretName"])
    await target.patch(use.target, {"data": (await target.get(right))["data"]}, "merge")


@fault(
    Mechanism.TLS_CERTIFICATE_EXPIRED,
    entities=("Ingress",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "tls"}),
)
async def expired_certificate(
    target: Target,
    use: Annotated[Edge, choose("an Ingress and an old certificate", _replacements, read_edge)],
    form: Annotated[str, one_of("replaced", "put first")],
) -> GroundTruth:
    """An Ingress names the Secret of a certificate that has expired: users' TLS handshakes fail."""
    entries = (await target.get(use.source))["spec"]["tls"]
    first = {**entries[0], "secretName": use.target.name}
    changed = [first, *(entries if form == "put first" else entries[1:])]
    await target.patch(use.source, {"spec": {"tls": changed}}, "merge")
    return GroundTruth(subject=use.source, mechanism=Mechanism.TLS_CERTIFICATE_EXPIRED, field="spec.tls[0].secretName")
