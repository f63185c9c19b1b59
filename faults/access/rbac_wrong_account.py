"""Fault: a workload runs as a service account that may not do what the workload needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.entity import Edge, Entity, Manifest
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.grants import account_of, grant_anew, grants, lacks, privileged
from aiops.faults.kit.rights import Rule, subjects_of
from aiops.faults.kit.workloads import find, for_pods, original
from aiops.faults.parameters import choose, read_edge
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _accounts(target: Target, namespace: str) -> Sequence[Edge]:
    """A Deployment whose account has rights, and another account of the namespace."""
    own = await privileged(target, namespace)
    taken = {account_of(await target.get(deployment)) for deployment in own}
    names = sorted(item["metadata"]["name"] for item in await target.list("ServiceAccount", namespace))
    return [
        Edge(source=deployment, target=Entity(kind="ServiceAccount", namespace=namespace, name=name))
        for deployment in own
        for name in names
        if name not in taken
    ]


async def _present(target: Target, before: Before, use: Edge) -> bool:
    """The account as which the workload runs must have every right that its own account had."""
    deployment = await find(target, use.source)
    if deployment is None:
        return True
    account = Entity(kind="ServiceAccount", namespace=use.source.namespace, name=account_of(deployment))
    return await lacks(target, account, _needed(before, original(before, use.source)))


async def _other_fix(target: Target, before: Before, use: Edge) -> None:
    """The other account gets the rights as well."""
    await grant_anew(target, use.target, _needed(before, original(before, use.source)))


@fault(
    Mechanism.AUTH_RBAC_DENIED,
    entities=("Deployment",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "security"}),
)
async def rbac_wrong_account(
    target: Target, use: Annotated[Edge, choose("a Deployment and another service account", _accounts, read_edge)]
) -> GroundTruth:
    """A Deployment runs as another service account, which has no rights: its API requests are forbidden."""
    for grant in await grants(target, use.source.namespace):
        await target.get(grant.source)
    await target.patch(use.source, for_pods(serviceAccountName=use.target.name, serviceAccount=use.target.name))
    return GroundTruth(
        subject=use.source, mechanism=Mechanism.AUTH_RBAC_DENIED, field="spec.template.spec.serviceAccountName"
    )


def _needed(before: Before, deployment: Manifest) -> list[Rule]:
    """The rules that the account of the Deployment had before the fault."""
    bindings = [
        manifest
        for entity, manifest in before.items()
        if manifest is not None
        and entity.kind == "RoleBinding"
        and account_of(deployment) in {account.name for account in subjects_of(manifest)}
    ]
    return [
        rule
        for binding in bindings
        for rule in original(
            before,
            Entity(kind="Role", namespace=binding["metadata"]["namespace"], name=binding["roleRef"]["name"]),
        )["rules"]
    ]
