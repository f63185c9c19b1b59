"""What the API server counts of its requests: by kind and status, those that waited for webhooks, those turned away."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from aiops.core.entity import Manifest
from aiops.lab.kube.admission.writer import PRESENT
from aiops.lab.kube.kinds.resources import Resource

_BY_KUBELETS = ("Pod", "Node")
"""Kinds whose status is patched; that of others is put."""

_VERBS = {"CREATE": "POST", "UPDATE": "PUT", "DELETE": "DELETE", "CONNECT": "CONNECT"}


class Request(NamedTuple):
    """The labels of `apiserver_request_total`. `verb` is Kubernetes' (`LIST`), `code` the HTTP status."""

    verb: str
    group: str
    version: str
    resource: str
    subresource: str
    scope: str
    code: str


class WebhookCall(NamedTuple):
    """One call of an admission webhook. `type` is `admit` or `validating`; `error_type` is empty where the webhook gave
    an answer, `code` the status of a refusal, 0 where there was none."""

    name: str
    type: str
    operation: str
    rejected: bool
    error_type: str
    code: int


class RequestLog:
    """Counts since the server's start. A request over HTTP is counted by the HTTP API, one of the cluster's own
    components where it is stored or refused; who watches is not counted."""

    def __init__(self) -> None:
        self.counts: Counter[Request] = Counter()
        self.turned_away: Counter[tuple[str, str]] = Counter()
        """By flow schema and priority level."""
        self.webhooks: Counter[WebhookCall] = Counter()
        self.ignored: Counter[tuple[str, str]] = Counter()
        """Failures that a webhook's policy ignores, by name and type."""
        self.webhook_seconds: list[tuple[WebhookCall, float]] = []
        self.waits: list[tuple[Request, float]] = []
        """Requests that waited for webhooks, and for how many seconds; whoever reads these two empties them."""

    def count(self, request: Request, waited: float = 0.0) -> None:
        self.counts[request] += 1
        if waited:
            self.waits.append((request, waited))

    def stored(self, resource: Resource, new: Manifest | None, old: Manifest | None) -> None:
        """A write of one of the cluster's components; None for what was not there or is no more."""
        if new is None:
            self._own("DELETE", resource, "", 200)
        elif old is None:
            self._own("POST", resource, "", 201)
        elif resource.kind == "Pod" and new["spec"].get("nodeName") and not old["spec"].get("nodeName"):
            self._own("POST", resource, "binding", 201)
        elif resource.has_status and new.get("spec") == old.get("spec"):
            self._own("PATCH" if resource.kind in _BY_KUBELETS else "PUT", resource, "status", 200)
        else:
            self._own("PUT", resource, "", 200)

    def refused(self, operation: str, resource: Resource, subresource: str, status: int) -> None:
        """Admission refused a write of one of the cluster's components."""
        self._own(_VERBS[operation], resource, subresource, status)

    def called(self, call: WebhookCall, seconds: float) -> None:
        """A webhook was asked, and took so long."""
        self.webhooks[call] += 1
        self.webhook_seconds.append((call, seconds))
        writer = PRESENT.get(None)
        if writer is not None:
            writer.waited += seconds

    def _own(self, verb: str, resource: Resource, subresource: str, status: int) -> None:
        writer = PRESENT.get(None)
        if writer is not None and writer.remote:
            return
        waited = 0.0
        if writer is not None:
            waited, writer.waited = writer.waited, 0.0
        made = Request(verb, resource.group, resource.version, resource.plural, subresource, "resource", str(status))
        self.count(made, waited)
