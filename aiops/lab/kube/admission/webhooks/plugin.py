"""MutatingAdmissionWebhook and ValidatingAdmissionWebhook."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.kube.admission.attributes import Attributes, Cluster, Operation
from aiops.lab.kube.admission.plugin import Plugin
from aiops.lab.kube.admission.policies.conditions import all_met, variables_of
from aiops.lab.kube.admission.webhooks import service
from aiops.lab.kube.admission.webhooks.calling import Call, post
from aiops.lab.kube.admission.webhooks.matching import Hook, hooks_for
from aiops.lab.kube.admission.webhooks.review import (
    Answer,
    CallFailedError,
    asked,
    denied,
    failed,
    no_dry_run,
    understood,
)
from aiops.lab.kube.errors import ApiError
from aiops.lab.kube.expressions.program import ExpressionError, UnknownNameError
from aiops.lab.kube.kinds.prepare import set_defaults
from aiops.lab.kube.kinds.resources import Resource
from aiops.lab.kube.objects import clone
from aiops.lab.kube.patching.jsonpatch import json_patch
from aiops.lab.kube.schema.types import typed
from aiops.lab.kube.storage.requests import WebhookCall

PATIENCE = 1.0
"""Wall seconds for which a controller's write waits for a webhook, however long the webhook's own limit is."""

SILENCE = 60.0
"""Simulated seconds for which a webhook that did not answer a controller in time is not asked again by one."""

_ANSWER_SECONDS, _FAILURE_SECONDS = 0.006, 0.002
"""How long a webhook takes to answer, and a call to fail at once; the lab's own time stands still meanwhile."""

_LOG = logging.getLogger(__name__)


class Webhooks:
    """Asks webhooks. Requests of clients wait as `answers` says; writes inside the lab wait here, not for long."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self.handlers: service.Handlers = {}
        self.by_url: dict[str, service.Handler] = {}
        """Programs outside of the cluster that answer at an address."""
        self._silent: dict[str, tuple[float, CallFailedError]] = {}

    def ask(self, hook: Hook, request: Attributes, *, mutating: bool) -> Answer:
        """The webhook's answer. Raises CallFailedError, AnswerNeededError."""
        config = hook.body["clientConfig"]
        review = asked(request)
        url = service.address(config, hook.timeout)
        if config.get("service"):
            handler = service.handler_of(self.handlers, config["service"])
            if handler is None:
                raise service.unreachable(self._cluster, config["service"], url)
            return understood(review, _handled(handler, review, url), mutating=mutating)
        beyond = self.by_url.get(config["url"])
        if beyond is not None:
            return understood(review, _handled(beyond, review, url), mutating=mutating)
        call = Call(url, config.get("caBundle") or "", review, hook.timeout)
        answers = request.writer.answers
        given = answers.get(call) if answers is not None else self._at_once(call)
        return understood(review, given, mutating=mutating)

    def _at_once(self, call: Call) -> Any:
        """Ask in the middle of the lab's step."""
        now = self._cluster.now()
        until, error = self._silent.get(call.url, (0.0, None))
        if error is not None and now < until:
            raise error
        try:
            return post(replace(call, timeout=min(call.timeout, PATIENCE)))
        except CallFailedError as failure:
            if "deadline exceeded" in str(failure):
                self._silent[call.url] = (now + SILENCE, failure)
            raise


def _handled(handler: service.Handler, review: dict[str, Any], url: str) -> Any:
    try:
        return handler(clone(review))
    except Exception as error:  # a handler that fails is a webhook that fails, and stops nobody else
        raise CallFailedError(f'failed to call webhook: Post "{url}": EOF') from error


class _WebhookPlugin(Plugin):
    """What both plug-ins have in common."""

    kind: str
    mutating: bool

    def __init__(self, cluster: Cluster, webhooks: Webhooks) -> None:
        super().__init__(cluster)
        self._webhooks = webhooks

    def handles(self, operation: Operation, resource: Resource, subresource: str) -> bool:  # noqa: ARG002 - all of them
        return True

    def _hooks(self, request: Attributes) -> list[Hook]:
        configurations = self._cluster.objects(self.kind)
        found = hooks_for(self._cluster, configurations, request) if configurations else []
        return [hook for hook in found if self._wanted(hook, request)]

    def _wanted(self, hook: Hook, request: Attributes) -> bool:
        """Does a request meet the webhook's own conditions? Raises 403 where that cannot be said."""
        conditions = hook.body.get("matchConditions")
        if not conditions:
            return True

        try:
            return all_met(conditions, variables_of(self._cluster, request))
        except ExpressionError as error:
            if hook.ignores_failures and not isinstance(error, UnknownNameError):
                return False
            raise request.forbidden(str(error)) from error

    def _answer(self, hook: Hook, request: Attributes) -> Answer | None:
        """The answer; None where the webhook failed and its failures are ignored. Raises ApiError."""
        if request.dry_run and not hook.takes_dry_runs:
            raise no_dry_run(hook)
        try:
            answer = self._webhooks.ask(hook, request, mutating=self.mutating)
        except CallFailedError as error:
            self._count_failure(hook, request, str(error))
            if hook.ignores_failures:
                _LOG.info("failed calling webhook, failing open %s: %s", hook.name, error)
                return None
            raise failed(hook, str(error)) from error
        for text in answer.warnings:
            request.writer.warn(text)
        refusal = None if answer.allowed else denied(hook, answer.status)
        self._count(hook, request, "", refusal.status if refusal else 0, _ANSWER_SECONDS)
        if refusal is not None:
            raise refusal
        return answer

    def _count_failure(self, hook: Hook, request: Attributes, why: str) -> None:
        """Note a call that came to nothing; one that is not answered lasts as long as the webhook's limit."""
        seconds = hook.timeout if "deadline exceeded" in why else _FAILURE_SECONDS
        if hook.ignores_failures:
            self._cluster.requests.ignored[hook.name, self._type] += 1
        self._count(hook, request, "calling_webhook_error", 500, seconds)

    def _count(self, hook: Hook, request: Attributes, error_type: str, code: int, seconds: float) -> None:
        rejected = bool(code) and not (error_type and hook.ignores_failures)
        call = WebhookCall(hook.name, self._type, request.operation, rejected, error_type, code)
        self._cluster.requests.called(call, seconds)

    @property
    def _type(self) -> str:
        """As metrics name the two plug-ins."""
        return "admit" if self.mutating else "validating"


class MutatingAdmissionWebhook(_WebhookPlugin):
    """As the plug-in of this name does: webhooks one after the other, each sees what those before have made. Where one
    changes the object, all of admission goes over it once more, and with it the webhooks that want to."""

    kind = "MutatingWebhookConfiguration"
    mutating = True

    def admit(self, request: Attributes) -> None:
        for hook in self._hooks(request):
            key = f"{hook.configuration}/{hook.index}"
            if request.again and key not in request.to_ask_again:
                continue
            answer = self._answer(hook, request)
            if answer is not None and answer.patch and _patched(hook, request, answer.patch):
                request.to_ask_again |= request.asked_before
                request.changed = True
            if hook.body.get("reinvocationPolicy") == "IfNeeded":
                request.asked_before.add(key)


class ValidatingAdmissionWebhook(_WebhookPlugin):
    """As the plug-in of this name does."""

    kind = "ValidatingWebhookConfiguration"
    mutating = False

    def validate(self, request: Attributes) -> None:
        for hook in self._hooks(request):
            self._answer(hook, request)


def _patched(hook: Hook, request: Attributes, operations: list[Any]) -> bool:
    """Apply a webhook's patch to the object. Returns whether it changed. Raises ApiError."""
    if not request.new:
        what = "attempted to modify the object, which is not supported for this operation"
        raise failed(hook, f'admission webhook "{hook.name}" {what}')
    try:
        patched: Manifest = json_patch(clone(request.new), operations)
        new = typed(patched)
        set_defaults(request.resource, new)
    except ApiError as error:
        raise failed(hook, str(error)) from error
    changed = new != request.new
    request.new = new
    return changed
