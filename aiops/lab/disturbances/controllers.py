"""Programs that write to the cluster's API, or that it asks before it writes."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import orjson

from aiops.core.disturbance import Pods
from aiops.core.disturbance.controllers import LimitsWebhook, Reconciliation
from aiops.core.entity import Manifest
from aiops.core.fields import read, write
from aiops.core.quantity import cpu, memory, parse_quantity
from aiops.lab.disturbances.book import DisturbanceBook
from aiops.lab.disturbances.processes import chosen_pod
from aiops.lab.kube.access.user import AUTHENTICATED, User
from aiops.lab.kube.errors import ApiError
from aiops.lab.kube.storage.store import ObjectStore


@dataclass(frozen=True, slots=True)
class LimitsLowered:
    """Answers an AdmissionReview of a pod with lower limits."""

    resource: str
    percent: float

    def __call__(self, review: dict[str, Any]) -> dict[str, Any]:
        request = review["request"]
        response: dict[str, Any] = {"uid": request["uid"], "allowed": True}
        patch = [
            {"op": "replace", "path": f"/spec/containers/{number}/resources/limits/{self.resource}", "value": lower}
            for number, container in enumerate(
                ((request.get("object") or {}).get("spec") or {}).get("containers") or ()
            )
            if (lower := self._lower(container))
        ]
        if patch:
            response |= {"patchType": "JSONPatch", "patch": base64.b64encode(orjson.dumps(patch)).decode()}
        return {"apiVersion": review["apiVersion"], "kind": review["kind"], "response": response}

    def _lower(self, container: Manifest) -> str:
        limit = read(container, f"resources.limits.{self.resource}")
        if limit is None:
            return ""
        amount = parse_quantity(limit) * self.percent / 100
        return cpu(amount) if self.resource == "cpu" else memory(amount)


def answer_webhooks(book: DisturbanceBook, cluster: ObjectStore) -> None:
    """Let the webhooks answer that are there now, and no others."""
    cluster.admission.webhooks.by_url = {
        hook.url: LimitsLowered(hook.resource, hook.percent) for hook in book.of(LimitsWebhook)
    }


def reconcile(book: DisturbanceBook, cluster: ObjectStore) -> None:
    """Let controllers write what they want and do not find. What is refused is tried again at the next tick."""
    for each in book.of(Reconciliation):
        found = cluster.find(each.object_kind, each.namespace, each.name)
        if found is None or not _is_at_work(each.while_running, cluster):
            continue
        missing = {path: value for path, value in each.fields.items() if read(found, path) != value}
        if missing:
            _write(cluster, {**found, "kind": each.object_kind}, missing, each)


def _write(cluster: ObjectStore, found: Manifest, missing: dict[str, str], each: Reconciliation) -> None:
    try:
        for path, value in missing.items():
            found = write(found, path, value)
        with cluster.acting(User(each.user, (AUTHENTICATED,))):
            cluster.update(found, manager=each.manager)
    except (ApiError, KeyError):
        return


def _is_at_work(pods: Pods | None, cluster: ObjectStore) -> bool:
    """A controller that was asked to end writes no more."""
    return pods is None or any(
        chosen_pod(pods, pod) and not pod["metadata"].get("deletionTimestamp")
        for pod in cluster.objects("Pod", pods.namespace)
    )
