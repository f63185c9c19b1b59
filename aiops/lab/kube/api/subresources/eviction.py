"""`pods/eviction`: a deletion that disruption budgets can refuse."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from aiops.core.entity import Manifest
from aiops.lab.kube.api.call import Call
from aiops.lab.kube.api.content import json_answer, optional_body
from aiops.lab.kube.api.server import Server
from aiops.lab.kube.api.verbs import delete_options
from aiops.lab.kube.errors import method_not_allowed, too_many_requests
from aiops.lab.kube.selectors import matches_selector


async def answer(server: Server, call: Call, request: Request) -> Response:
    """POST of an Eviction. Raises 400, 404, 405, 429."""
    if call.info.verb != "create":
        raise method_not_allowed()
    body = await optional_body(request)
    pod = server.store.get("Pod", *call.key)
    check_eviction(pod, server.store.objects("PodDisruptionBudget", call.info.namespace))
    wanted = body.get("deleteOptions") if isinstance(body, dict) else None
    server.store.delete("Pod", *call.key, delete_options(call, wanted), dry_run=call.dry_run)
    done = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}
    return json_answer(done, 201)


def check_eviction(pod: Manifest, budgets: list[Manifest]) -> None:
    """Refuse an eviction that a PodDisruptionBudget forbids. Raises 429."""
    labels = pod["metadata"].get("labels") or {}
    for budget in budgets:
        selector = budget["spec"].get("selector")
        if selector and matches_selector(selector, labels):
            allowed = budget.get("status", {}).get("disruptionsAllowed", 0)
            if allowed < 1:
                raise too_many_requests("Cannot evict pod as it would violate the pod's disruption budget.")
