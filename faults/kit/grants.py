"""What a workload's service account is given by a RoleBinding and its Role, and how it gets that back."""

from __future__ import annotations

from collections.abc import Sequence

from aiops.core.entity import Edge, Entity, Manifest
from aiops.core.target import Target
from aiops.faults.kit.candidates import serving
from aiops.faults.kit.rights import Rule, may, rights_of, subjects_of
from aiops.faults.kit.workloads import original
from aiops.faults.registry import Before

API = "rbac.authorization.k8s.io"


async def grants(target: Target, namespace: str) -> Sequence[Edge]:
    """A RoleBinding and its Role, where the binding names one service account, that of a workload in use."""
    deployments = await serving(target, "Deployment", namespace)
    used = {account_of(await target.get(deployment)) for deployment in deployments}
    found = []
    for binding in sorted(await target.list("RoleBinding", namespace), key=lambda item: str(item["metadata"]["name"])):
        accounts = list(subjects_of(binding))
        if len(accounts) == 1 and accounts[0].name in used and binding["roleRef"]["kind"] == "Role":
            role = Entity(kind="Role", namespace=namespace, name=binding["roleRef"]["name"])
            if (await target.get(role)).get("rules"):
                found.append(Edge(source=Entity.of(binding), target=role))
    return found


async def privileged(target: Target, namespace: str) -> list[Entity]:
    """The Deployments in use whose account has rights by a RoleBinding of the namespace, sorted by name."""
    bindings = [await target.get(grant.source) for grant in await grants(target, namespace)]
    accounts = {account.name for binding in bindings for account in subjects_of(binding)}
    deployments = await serving(target, "Deployment", namespace)
    return [each for each in deployments if account_of(await target.get(each)) in accounts]


def account_of(deployment: Manifest) -> str:
    """The name of the service account as which a Deployment's pods run."""
    return str(deployment["spec"]["template"]["spec"].get("serviceAccountName", "default"))


def granted(before: Before, grant: Edge) -> tuple[Entity, list[Rule]]:
    """The account and the rules of a grant before the fault."""
    return next(subjects_of(original(before, grant.source))), original(before, grant.target)["rules"]


async def lacks(target: Target, account: Entity, rules: list[Rule]) -> bool:
    """Whether an account lacks any right that the rules give, from wherever it might come."""
    return not all([await may(target, account, right) for right in rights_of(rules)])


async def is_denied(target: Target, before: Before, grant: Edge, **_: object) -> bool:
    """Whether the account lacks any right that it had by a grant before the fault."""
    return await lacks(target, *granted(before, grant))


async def granted_anew(target: Target, before: Before, grant: Edge, **_: object) -> None:
    """Another Role and another RoleBinding give the account what it had by a grant before the fault."""
    await grant_anew(target, *granted(before, grant))


async def grant_anew(target: Target, account: Entity, rules: list[Rule]) -> None:
    """Give an account these rules by a Role and a RoleBinding of their own."""
    metadata = {"name": f"{account.name}-access", "namespace": account.namespace}
    role: Manifest = {"apiVersion": f"{API}/v1", "kind": "Role", "metadata": dict(metadata), "rules": rules}
    subject = {"kind": "ServiceAccount", "name": account.name, "namespace": account.namespace}
    await target.create(role)
    await target.create(
        {
            "apiVersion": f"{API}/v1",
            "kind": "RoleBinding",
            "metadata": dict(metadata),
            "roleRef": {"apiGroup": API, "kind": "Role", "name": metadata["name"]},
            "subjects": [subject],
        }
    )
