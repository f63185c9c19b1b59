"""Fault: a service account loses a right that its workload needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.entity import Edge, Entity, Manifest
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.candidates import serving
from aiops.faults.kit.rights import may, rights_of, subjects_of
from aiops.faults.kit.workloads import original
from aiops.faults.parameters import choose, one_of, read_edge
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

API = "rbac.authorization.k8s.io"


async def _grants(target: Target, namespace: str) -> Sequence[Edge]:
    """A RoleBinding and its Role, where the binding names one service account, that of a workload in use."""
    used = {
        (await target.get(deployment))["spec"]["template"]["spec"].get("serviceAccountName", "default")
        for deployment in await serving(target, "Deployment", namespace)
    }
    found = []
    for binding in sorted(await target.list("RoleBinding", namespace), key=lambda item: str(item["metadata"]["name"])):
        accounts = list(subjects_of(binding))
        if len(accounts) == 1 and accounts[0].name in used and binding["roleRef"]["kind"] == "Role":
            role = Entity(kind="Role", namespace=namespace, name=binding["roleRef"]["name"])
            if (await target.get(role)).get("rules"):
                found.append(Edge(source=Entity.of(binding), target=role))
    return found


async def _present(target: Target, before: Before, grant: Edge, form: str) -> bool:
    """Every right that the account had by this grant must be there again, from wherever it comes."""
    account, rules = _granted(before, grant)
    return not all([await may(target, account, right) for right in rights_of(rules)])


async def _other_fix(target: Target, before: Before, grant: Edge, form: str) -> None:
    """A Role and a RoleBinding beside the broken ones."""
    account, rules = _granted(before, grant)
    metadata = {"name": f"{account.name}-access", "namespace": account.namespace}
    role = {"apiVersion": f"{API}/v1", "kind": "Role", "metadata": dict(metadata), "rules": rules}
    subject = {"kind": "ServiceAccount", "name": account.name, "namespace": account.namespace}
    binding = {
        "apiVersion": f"{API}/v1",
        "kind": "RoleBinding",
        "metadata": dict(metadata),
        "roleRef": {"apiGroup": API, "kind": "Role", "name": metadata["name"]},
        "subjects": [subject],
    }
    await target.create(role)
    await target.create(binding)


@fault(
    Mechanism.AUTH_RBAC_DENIED,
    entities=("Role", "RoleBinding"),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "security"}),
)
async def rbac_denied(
    target: Target,
    grant: Annotated[Edge, choose("a RoleBinding of a workload's service account", _grants, read_edge)],
    form: Annotated[str, one_of("verb", "resource", "rule", "subject", "subject_namespace")],
) -> GroundTruth:
    """A Role loses a verb, a resource or a rule, or its binding names another account: API requests are forbidden."""
    binding, rules = await target.get(grant.source), (await target.get(grant.target))["rules"]
    if form.startswith("subject"):
        subjects = [_other_subject(item, form) for item in binding["subjects"]]
        await target.patch(grant.source, {"subjects": subjects}, "merge")
        return GroundTruth(subject=grant.source, mechanism=Mechanism.AUTH_RBAC_DENIED, field="subjects")
    field, changed = _narrower(rules, form)
    await target.patch(grant.target, {"rules": changed}, "merge")
    return GroundTruth(subject=grant.target, mechanism=Mechanism.AUTH_RBAC_DENIED, field=field)


def _other_subject(subject: Manifest, form: str) -> Manifest:
    if form == "subject_namespace":
        return {**subject, "namespace": "default"}
    return {**subject, "name": f"{subject['name']}-sa"}


def _narrower(rules: list[Manifest], form: str) -> tuple[str, list[Manifest]]:
    """(changed field, the rules without a right of the first rule)."""
    first, rest = rules[0], rules[1:]
    if form == "rule" and rest:
        return "rules", rest
    if form == "verb" and len(first["verbs"]) > 1:
        return "rules[0].verbs", [{**first, "verbs": first["verbs"][1:]}, *rest]
    if form == "verb":
        return "rules[0].verbs", [{**first, "verbs": ["watch" if first["verbs"] == ["get"] else "get"]}, *rest]
    singular = [resource.removesuffix("s") for resource in first["resources"]]
    return "rules[0].resources", [{**first, "resources": singular}, *rest]


def _granted(before: Before, grant: Edge) -> tuple[Entity, list[Manifest]]:
    """The account and the rules of the grant before the fault."""
    return next(subjects_of(original(before, grant.source))), original(before, grant.target)["rules"]
