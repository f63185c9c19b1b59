"""Fault: an admission webhook that gives pods lower limits than they ask for."""

from __future__ import annotations

from typing import Annotated, Any

from aiops.core.disturbance.controllers import LimitsWebhook
from aiops.core.entity import Entity, Manifest
from aiops.core.errors import NotPossibleError
from aiops.core.fields import read
from aiops.core.mechanism import Mechanism
from aiops.core.quantity import parse_quantity
from aiops.core.target import Target
from aiops.faults.kit.egress import selects
from aiops.faults.kit.limits import limit_of
from aiops.faults.kit.workloads import find, restart
from aiops.faults.parameters import one_of, pick, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

KIND = "MutatingWebhookConfiguration"
NAME_LABEL = "kubernetes.io/metadata.name"


async def _present(target: Target, before: Before, deployment: Entity, name: str, percent: int) -> bool:
    """No webhook at the address may be asked about pods of the namespace."""
    space = await find(target, Entity(kind="Namespace", name=deployment.namespace))
    labels = ((space or {}).get("metadata") or {}).get("labels") or {}
    return any(
        hook["clientConfig"].get("url") == _url(name)
        and selects(hook.get("namespaceSelector"), labels)
        and any("pods" in rule.get("resources", ()) for rule in hook.get("rules") or ())
        for found in await target.list(KIND, "")
        for hook in found.get("webhooks") or ()
    )


async def _other_fix(target: Target, before: Before, deployment: Entity, name: str, percent: int) -> None:
    """The webhook is asked about other namespaces alone."""
    found = await target.get(Entity(kind=KIND, name=name))
    apart = {"matchExpressions": [{"key": NAME_LABEL, "operator": "NotIn", "values": [deployment.namespace]}]}
    hooks = [{**hook, "namespaceSelector": apart} for hook in found["webhooks"]]
    await target.patch(Entity(kind=KIND, name=name), {"webhooks": hooks}, "merge")


@fault(
    Mechanism.RESOURCE_MUTATED,
    entities=(KIND,),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"data-plane"}),
)
async def shrinking_webhook(
    target: Target,
    deployment: Annotated[Entity, pick("Deployment")],
    name: Annotated[str, one_of("right-sizing", "cost-guard", "resource-tuner", "capacity-policy")],
    percent: Annotated[int, whole(15, 35)],
) -> GroundTruth:
    """A webhook lowers the memory limits of new pods to below what they request: pods, once gone, are refused."""
    entity, present = Entity(kind=KIND, name=name), await target.get(deployment)
    if await find(target, entity):
        raise NotPossibleError(f"there is a {KIND} {name}")
    container, limit = limit_of(present, "memory")
    request = parse_quantity(read(container, "resources.requests.memory") or "0")
    if request <= limit * percent / 100:
        raise NotPossibleError(f"{deployment} requests little of its memory limit")
    await target.disturb(LimitsWebhook(url=_url(name), resource="memory", percent=percent))
    await target.create(_configuration(name))
    await restart(target, present)
    return GroundTruth(subject=entity, mechanism=Mechanism.RESOURCE_MUTATED)


def _url(name: str) -> str:
    return f"https://{name}.platform.example.com/mutate"


def _configuration(name: str) -> Manifest:
    rule: dict[str, Any] = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}
    hook = {
        "name": f"{name}.platform.example.com",
        "clientConfig": {"url": _url(name)},
        "rules": [rule],
        "namespaceSelector": {
            "matchExpressions": [
                {"key": NAME_LABEL, "operator": "NotIn", "values": ["kube-system", "ingress-nginx", "monitoring"]}
            ]
        },
        "sideEffects": "None",
        "failurePolicy": "Ignore",
        "admissionReviewVersions": ["v1"],
        "timeoutSeconds": 5,
    }
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": KIND,
        "metadata": {"name": name},
        "webhooks": [hook],
    }
