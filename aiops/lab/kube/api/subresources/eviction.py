"""`pods/eviction`: a deletion that disruption budgets can refuse, with the rules and words of `EvictionREST`."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from aiops.core.clock import rfc3339
from aiops.core.entity import Manifest
from aiops.lab.kube.api.call import Call
from aiops.lab.kube.api.content import json_answer, optional_body
from aiops.lab.kube.api.deleting import delete_options
from aiops.lab.kube.api.server import Server
from aiops.lab.kube.errors import ApiError, bad_request, method_not_allowed
from aiops.lab.kube.objects import condition, condition_is, deleting, labels_of
from aiops.lab.kube.selectors import matches_selector
from aiops.lab.kube.storage.store import ObjectStore

VIOLATED = "Cannot evict pod as it would violate the pod's disruption budget."
SEVERAL = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."
MOST_DISRUPTED = 2000
"""Evictions of one budget that its controller has not yet seen done."""

_MANAGER = "kube-apiserver"
_UNGUARDED = ("Succeeded", "Failed", "Pending")


async def answer(server: Server, call: Call, request: Request) -> Response:
    """POST of an Eviction. Raises 400, 404, 405, 409, 429, 500."""
    if call.info.verb != "create":
        raise method_not_allowed()
    body = await optional_body(request)
    body = body if isinstance(body, dict) else {}
    metadata = body.get("metadata") or {}
    if metadata.get("name") != call.info.name:
        raise bad_request("name in URL does not match name in Eviction object")
    wanted = body.get("deleteOptions") or {}
    dry_run = call.dry_run or bool(wanted.get("dryRun"))
    store = server.store
    pod = store.get("Pod", *call.key)
    phase = (pod.get("status") or {}).get("phase")
    if phase not in _UNGUARDED and not deleting(pod):
        spend(store, pod, store.objects("PodDisruptionBudget", call.info.namespace), dry_run=dry_run)
    options = delete_options({key: value for key, value in wanted.items() if key != "dryRun"}, call.query)
    if not dry_run:
        _mark(store, pod)
    store.delete("Pod", *call.key, options, dry_run=dry_run)
    done = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}
    return json_answer(done, 201)


def spend(store: ObjectStore, pod: Manifest, budgets: list[Manifest], *, dry_run: bool = False) -> None:
    """Take the eviction of a running pod from its budget. Raises 403, 429, 500."""
    found = [budget for budget in budgets if _selects(budget, pod)]
    if len(found) > 1:
        raise ApiError(500, "", SEVERAL)
    if not found:
        return
    budget = found[0]
    status = budget.get("status") or {}
    if not condition_is(pod, "Ready"):
        healthy, desired = status.get("currentHealthy", 0), status.get("desiredHealthy", 0)
        if budget["spec"].get("unhealthyPodEvictionPolicy") == "AlwaysAllow" or healthy >= desired > 0:
            return
    _check(budget)
    if dry_run:
        return
    now = rfc3339(store.now())
    left = status["disruptionsAllowed"] - 1
    disrupted = {**(status.get("disruptedPods") or {}), pod["metadata"]["name"]: now}
    status = {**status, "disruptionsAllowed": left, "disruptedPods": disrupted}
    if not left:
        status["conditions"] = [_used_up(entry, now) for entry in status.get("conditions") or ()]
    store.update({**budget, "status": status}, manager=_MANAGER, subresource="status")


def _selects(budget: Manifest, pod: Manifest) -> bool:
    selector = budget["spec"].get("selector")
    return selector is not None and matches_selector(selector, labels_of(pod))


def _check(budget: Manifest) -> None:
    """Refuse where the budget allows nothing, or nobody knows yet whether it does."""
    status, name = budget.get("status") or {}, budget["metadata"]["name"]
    if status.get("observedGeneration", 0) < budget["metadata"].get("generation", 1):
        raise _violated(f"The disruption budget {name} is still being processed by the server.", retry=10)
    if len(status.get("disruptedPods") or {}) > MOST_DISRUPTED:
        why = "DisruptedPods map too big - too many evictions not confirmed by PDB controller"
        details = {"name": name, "group": "policy", "kind": "poddisruptionbudget"}
        raise ApiError(403, "Forbidden", f'poddisruptionbudget.policy "{name}" is forbidden: {why}', details)
    if status.get("disruptionsAllowed", 0) == 0:
        raise _violated(_why(budget, status, name))


def _why(budget: Manifest, status: dict[str, Any], name: str) -> str:
    entry = condition(budget, "DisruptionAllowed") or {}
    refused = entry.get("status") == "False" and entry.get("message")
    if refused and entry.get("reason") == "SyncFailed":
        failed = f"because it failed sync: {entry['message']}"
        return f"The disruption budget {name} does not allow evicting pods currently {failed}"
    current, desired = status.get("currentHealthy", 0), status.get("desiredHealthy", 0)
    if current <= desired:
        return f"The disruption budget {name} needs {desired} healthy pods and has {current} currently"
    tail = f" ({entry['reason']}): {entry['message']}" if refused else ""
    return f"The disruption budget {name} does not allow evicting pods currently{tail}"


def _violated(cause: str, retry: int = 0) -> ApiError:
    details: dict[str, Any] = {"causes": [{"reason": "DisruptionBudget", "message": cause}]}
    if retry:
        details["retryAfterSeconds"] = retry
    return ApiError(429, "TooManyRequests", VIOLATED, details)


def _used_up(entry: dict[str, Any], now: str) -> dict[str, Any]:
    if entry["type"] != "DisruptionAllowed" or entry["status"] == "False":
        return entry
    return {**entry, "status": "False", "reason": "InsufficientPods", "lastTransitionTime": now}


def _mark(store: ObjectStore, pod: Manifest) -> None:
    """Say on the pod that it is going, and why."""
    status = pod.get("status") or {}
    entry = {
        "type": "DisruptionTarget",
        "status": "True",
        "reason": "EvictionByEvictionAPI",
        "message": "Eviction API: evicting",
        "lastProbeTime": None,
        "lastTransitionTime": rfc3339(store.now()),
    }
    others = [each for each in status.get("conditions") or () if each["type"] != "DisruptionTarget"]
    changed = {**pod, "status": {**status, "conditions": [*others, entry]}}
    store.update(changed, manager=_MANAGER, subresource="status")
