"""Fault: a service account loses a right that its workload needs."""

from __future__ import annotations

from typing import Annotated

from aiops.core.entity import Edge, Manifest
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.grants import granted_anew, grants, is_denied
from aiops.faults.parameters import choose, one_of, read_edge
from aiops.faults.registry import fault
from aiops.faults.truth import GroundTruth


@fault(
    Mechanism.AUTH_RBAC_DENIED,
    entities=("Role", "RoleBinding"),
    felt="requests",
    present=is_denied,
    other_fix=granted_anew,
    tags=frozenset({"kubernetes", "security"}),
)
async def rbac_denied(
    target: Target,
    grant: Annotated[Edge, choose("a RoleBinding of a workload's service account", grants, read_edge)],
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
