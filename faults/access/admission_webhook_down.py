"""Fault: an admission webhook that must be asked about every pod, of which only the configuration is left."""

from __future__ import annotations

from typing import Annotated

from aiops.core.entity import Entity, Manifest
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.candidates import callers
from aiops.faults.kit.egress import selects
from aiops.faults.kit.guards import SPACE
from aiops.faults.kit.ingress import labels_of_namespace
from aiops.faults.kit.rolling import roll_out
from aiops.faults.kit.workloads import find
from aiops.faults.parameters import choose, one_of, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

API = "admissionregistration.k8s.io/v1"


async def _present(target: Target, before: Before, deployment: Entity, kind: str, name: str, revision: int) -> bool:
    """No webhook that nobody answers may have to be asked about the pods of the namespace."""
    found = await find(target, Entity(kind=kind, name=name))
    if await find(target, deployment) is None:
        return True
    space = await labels_of_namespace(target, deployment.namespace)
    webhooks = found.get("webhooks") or () if found else ()
    return any([_asked(webhook, space) and not await _answered(target, webhook) for webhook in webhooks])


async def _other_fix(target: Target, before: Before, deployment: Entity, kind: str, name: str, revision: int) -> None:
    """What the webhook does not say is no longer waited for."""
    change = {"op": "replace", "path": "/webhooks/0/failurePolicy", "value": "Ignore"}
    await target.patch(Entity(kind=kind, name=name), [change], "json")


@fault(
    Mechanism.ADMISSION_WEBHOOK,
    entities=("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"),
    felt="rollout",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "admission"}),
)
async def admission_webhook_down(
    target: Target,
    deployment: Annotated[Entity, choose("a Deployment that calls Services", callers, Entity.parse)],
    kind: Annotated[str, one_of("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration")],
    name: Annotated[str, one_of("image-policy", "pod-defaults", "cost-labels", "workload-policy")],
    revision: Annotated[int, whole(2, 60)],
) -> GroundTruth:
    """A webhook must be asked about each new pod, and its Service is gone: pods of a rollout are refused."""
    entity = Entity(kind=kind, name=name)
    await target.create(_configuration(entity, deployment.namespace))
    await roll_out(target, deployment, revision)
    return GroundTruth(subject=entity, mechanism=Mechanism.ADMISSION_WEBHOOK, field="webhooks")


def _configuration(entity: Entity, namespace: str) -> Manifest:
    path = "/mutate" if entity.kind.startswith("Mutating") else "/validate"
    webhook = {
        "name": f"{entity.name}.platform.example.com",
        "admissionReviewVersions": ["v1"],
        "sideEffects": "None",
        "failurePolicy": "Fail",
        "timeoutSeconds": 5,
        "clientConfig": {"service": {"namespace": "kube-system", "name": entity.name, "path": path, "port": 443}},
        "namespaceSelector": {"matchLabels": {SPACE: namespace}},
        "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}],
    }
    return {"apiVersion": API, "kind": entity.kind, "metadata": {"name": entity.name}, "webhooks": [webhook]}


def _asked(webhook: Manifest, space: dict[str, str]) -> bool:
    return webhook.get("failurePolicy", "Fail") == "Fail" and selects(webhook.get("namespaceSelector"), space)


async def _answered(target: Target, webhook: Manifest) -> bool:
    """Whether there is a pod behind the webhook's Service."""
    service = webhook["clientConfig"]["service"]
    return any(
        (slice_["metadata"].get("labels") or {}).get("kubernetes.io/service-name") == service["name"]
        and any(endpoint.get("conditions", {}).get("ready") for endpoint in slice_.get("endpoints") or ())
        for slice_ in await target.list("EndpointSlice", service["namespace"])
    )
