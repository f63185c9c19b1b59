"""Fault: the token of its service account is not mounted into a workload that needs it."""

from __future__ import annotations

from typing import Annotated

from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.grants import privileged
from aiops.faults.kit.rolling import roll_out
from aiops.faults.kit.workloads import containers, find, for_pods
from aiops.faults.parameters import choose, one_of, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

AUTOMOUNT = "automountServiceAccountToken"
PLACE = "/var/run/secrets/kubernetes.io/serviceaccount"
VOLUME = "api-access"


async def _present(target: Target, before: Before, deployment: Entity, form: str, revision: int) -> bool:
    """The workload's pods must have a token, mounted for them or by themselves."""
    found = await find(target, deployment)
    if found is None:
        return True
    spec = found["spec"]["template"]["spec"]
    account = await find(target, _account(deployment, spec.get("serviceAccountName", "default")))
    mounted = spec.get(AUTOMOUNT, (account or {}).get(AUTOMOUNT, True))
    own = [mount["mountPath"] for mount in containers(found)[0].get("volumeMounts") or ()]
    return not mounted and PLACE not in own


async def _other_fix(target: Target, before: Before, deployment: Entity, form: str, revision: int) -> None:
    """The pods mount a token themselves."""
    container = containers(await target.get(deployment))[0]["name"]
    sources = [
        {"serviceAccountToken": {"path": "token", "expirationSeconds": 3607}},
        {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
    ]
    mount = {"name": VOLUME, "mountPath": PLACE, "readOnly": True}
    body = for_pods(
        volumes=[{"name": VOLUME, "projected": {"sources": sources}}],
        containers=[{"name": container, "volumeMounts": [mount]}],
    )
    await target.patch(deployment, body)


@fault(
    Mechanism.AUTH_CREDENTIAL,
    entities=("Deployment", "ServiceAccount"),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "security"}),
)
async def account_token_missing(
    target: Target,
    deployment: Annotated[Entity, choose("a Deployment that reads from the API", privileged, Entity.parse)],
    form: Annotated[str, one_of("pods", "account")],
    revision: Annotated[int, whole(2, 60)],
) -> GroundTruth:
    """A service account's token is no longer mounted into a workload's pods: they cannot read from the API."""
    if form == "pods":
        await target.patch(deployment, for_pods(**{AUTOMOUNT: False}))
        field = f"spec.template.spec.{AUTOMOUNT}"
        return GroundTruth(subject=deployment, mechanism=Mechanism.AUTH_CREDENTIAL, field=field)
    spec = (await target.get(deployment))["spec"]["template"]["spec"]
    account = _account(deployment, spec.get("serviceAccountName", "default"))
    await target.patch(account, {AUTOMOUNT: False}, "merge")
    await roll_out(target, deployment, revision)
    return GroundTruth(subject=account, mechanism=Mechanism.AUTH_CREDENTIAL, field=AUTOMOUNT)


def _account(deployment: Entity, name: str) -> Entity:
    return Entity(kind="ServiceAccount", namespace=deployment.namespace, name=name)
