"""Admission webhooks: over HTTPS, and by handlers inside the lab."""

from __future__ import annotations

import asyncio
import base64
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from aiops.core.clock import SystemClock
from aiops.core.entity import Manifest
from aiops.lab.certificates import self_signed
from aiops.lab.kube import ObjectStore
from aiops.lab.kube.errors import ApiError

MAPS = "/api/v1/namespaces/default/configmaps"
REGISTRATION = "admissionregistration.k8s.io/v1"
Reviewer = Callable[[Manifest], Manifest]


def _config(kind: str, *hooks: Manifest, name: str = "hooks") -> Manifest:
    return {"apiVersion": REGISTRATION, "kind": kind, "metadata": {"name": name}, "webhooks": list(hooks)}


def _hook(client: Manifest, name: str = "one.example.com", **changes: Any) -> Manifest:
    rule = {"operations": ["*"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["configmaps"]}
    body = {"name": name, "clientConfig": client, "rules": [rule], "admissionReviewVersions": ["v1"]}
    return {**body, "sideEffects": "None", **changes}


def _service(path: str = "/x") -> Manifest:
    return {"service": {"namespace": "hooks", "name": "hook", "path": path}}


def _answer(review: Manifest, **response: Any) -> Manifest:
    return {**review, "response": {"uid": review["request"]["uid"], "allowed": True, **response}}


def _patch(review: Manifest, *operations: Manifest) -> Manifest:
    text = base64.b64encode(json.dumps(operations).encode()).decode()
    return _answer(review, patch=text, patchType="JSONPatch")


def _label(review: Manifest, key: str, value: str) -> Manifest:
    metadata = review["request"]["object"]["metadata"]
    whole = {"op": "add", "path": "/metadata/labels", "value": {}}
    one = {"op": "add", "path": f"/metadata/labels/{key}", "value": value}
    return _patch(review, *([] if "labels" in metadata else [whole]), one)


class _Https(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """A client that gave up is no news here."""


class _Server:
    """An HTTPS server with one reviewer."""

    def __init__(self, folder: Path) -> None:
        self.reviewer: Reviewer = _answer
        self.seen: list[Manifest] = []
        certificate = self_signed("127.0.0.1", SystemClock().now())
        (folder / "pem").write_text(certificate.key + certificate.certificate)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "pem")
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.seen.append(review["request"])
                content = json.dumps(outer.reviewer(review)).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        self.server = _Https(("127.0.0.1", 0), Handler)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.client = {
            "url": f"https://127.0.0.1:{self.server.server_port}/admit",
            "caBundle": base64.b64encode(certificate.certificate.encode()).decode(),
        }


@pytest.fixture
def server(tmp_path: Path) -> Iterator[_Server]:
    made = _Server(tmp_path)
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()


async def test_a_webhook_over_https_changes_and_refuses(api: Any, store: ObjectStore, server: _Server) -> None:
    store.create(_config("MutatingWebhookConfiguration", _hook(server.client)), manager="m")
    server.reviewer = lambda review: _label(review, "by", "hook")
    status, made = await api("POST", MAPS, {"metadata": {"generateName": "a-"}, "data": {"k": "v"}})
    assert (status, made["metadata"]["labels"]) == (201, {"by": "hook"})
    asked = server.seen[0]
    assert (asked["operation"], asked["namespace"], asked["userInfo"]["username"]) == ("CREATE", "default", "admin")
    assert asked["object"]["data"] == {"k": "v"}
    assert len(server.seen) == 1
    server.reviewer = lambda review: _answer(review, allowed=False, status={"message": "not today", "code": 403})
    status, body = await api("POST", MAPS, {"metadata": {"name": "b"}})
    assert (status, body["message"]) == (403, 'admission webhook "one.example.com" denied the request: not today')
    assert store.find("ConfigMap", "default", "b") is None


async def test_a_webhook_may_read_the_api_while_it_is_asked(api: Any, store: ObjectStore, server: _Server) -> None:
    store.create(_config("ValidatingWebhookConfiguration", _hook(server.client)), manager="m")
    loop = asyncio.get_running_loop()

    def reviewer(review: Manifest) -> Manifest:
        status, _ = asyncio.run_coroutine_threadsafe(api("GET", MAPS), loop).result(5)
        return _answer(review, allowed=status == 200, warnings=["seen"])

    server.reviewer = reviewer
    assert (await api("POST", MAPS, {"metadata": {"name": "a"}}))[0] == 201


async def test_nobody_answers(api: Any, store: ObjectStore) -> None:
    nobody = {"url": "https://127.0.0.1:1/x"}
    store.create(_config("ValidatingWebhookConfiguration", _hook(nobody, failurePolicy="Fail")), manager="m")
    status, body = await api("POST", MAPS, {"metadata": {"name": "a"}})
    assert (status, body["reason"]) == (500, "InternalError")
    assert body["message"] == (
        'Internal error occurred: failed calling webhook "one.example.com": failed to call webhook: Post '
        '"https://127.0.0.1:1/x?timeout=10s": dial tcp 127.0.0.1:1: connect: connection refused'
    )
    store.update(_config("ValidatingWebhookConfiguration", _hook(nobody, failurePolicy="Ignore")), manager="m")
    assert (await api("POST", MAPS, {"metadata": {"name": "a"}}))[0] == 201


def test_a_silent_webhook_holds_a_controller_up_only_once(store: ObjectStore, server: _Server) -> None:
    hook = _hook(server.client, failurePolicy="Fail", timeoutSeconds=30)
    store.create(_config("ValidatingWebhookConfiguration", hook), manager="m")
    done = threading.Event()

    def silent(review: Manifest) -> Manifest:
        done.wait(5)
        return _answer(review)

    server.reviewer = silent
    for name in "abc":
        with pytest.raises(ApiError, match="context deadline exceeded"):
            store.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}}, manager="m")
    done.set()
    assert len(server.seen) == 1


def test_handlers_inside_the_lab_and_reinvocation(store: ObjectStore) -> None:
    calls: list[str] = []

    def first(review: Manifest) -> Manifest:
        calls.append("first")
        return _answer(review)

    def second(review: Manifest) -> Manifest:
        calls.append("second")
        return _label(review, "by", "second")

    store.admission.webhooks.handlers["hooks", "hook", "/first"] = first
    store.admission.webhooks.handlers["hooks", "hook", "/second"] = second
    one = _hook(_service("/first"), "one.example.com", reinvocationPolicy="IfNeeded")
    two = _hook(_service("/second"), "two.example.com")
    store.create(_config("MutatingWebhookConfiguration", one, two), manager="m")
    made = store.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}, manager="m")
    assert made["metadata"]["labels"] == {"by": "second"}
    assert calls == ["first", "second", "first"]


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (lambda review: {}, "received invalid webhook response: webhook response was absent"),
        (lambda review: _answer(review, uid="other"), 'expected response.uid="'),
        (lambda review: _answer(review, patch="e30="), "validating webhook may not return response.patch"),
        (lambda review: {**_answer(review), "apiVersion": "v1"}, "expected webhook response of admission.k8s.io/v1"),
        (lambda review: 1 / 0, "EOF"),
    ],
)
def test_answers_that_are_none(store: ObjectStore, reply: Reviewer, words: str) -> None:
    store.admission.webhooks.handlers["hooks", "hook", "/x"] = reply
    store.create(_config("ValidatingWebhookConfiguration", _hook(_service(), failurePolicy="Fail")), manager="m")
    with pytest.raises(ApiError) as caught:
        store.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}, manager="m")
    assert words in str(caught.value)


def test_a_service_that_is_not_there(store: ObjectStore) -> None:
    store.create(_config("ValidatingWebhookConfiguration", _hook(_service(), failurePolicy="Fail")), manager="m")
    with pytest.raises(ApiError, match=r'"https://hook\.hooks\.svc:443/x\?timeout=10s": service "hook" not found'):
        store.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}, manager="m")


def test_rules_selectors_and_dry_runs(store: ObjectStore) -> None:
    seen: list[str] = []

    def note(review: Manifest) -> Manifest:
        seen.append(review["request"]["name"])
        return _answer(review)

    store.admission.webhooks.handlers["hooks", "hook", "/x"] = note
    hook = _hook(
        _service(),
        sideEffects="NoneOnDryRun",
        objectSelector={"matchLabels": {"ask": "yes"}},
        namespaceSelector={"matchLabels": {"kubernetes.io/metadata.name": "default"}},
    )
    store.create(_config("ValidatingWebhookConfiguration", hook), manager="m")

    def make(name: str, namespace: str = "default", kind: str = "ConfigMap", dry_run: bool = False) -> None:
        metadata = {"name": name, "namespace": namespace, "labels": {"ask": "yes"}}
        store.create({"apiVersion": "v1", "kind": kind, "metadata": metadata}, manager="m", dry_run=dry_run)

    make("asked")
    make("elsewhere", "kube-public")
    make("other-kind", kind="Secret")
    make("dry", dry_run=True)
    store.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "unlabelled"}}, manager="m")
    assert seen == ["asked", "dry"]


def test_a_webhook_with_side_effects_takes_no_dry_run(store: ObjectStore) -> None:
    hook = _hook(_service(), sideEffects="Some")
    configuration = _config("ValidatingWebhookConfiguration", hook)
    configuration["webhooks"][0]["sideEffects"] = "None"
    store.create(configuration, manager="m")
    stored = store.get("ValidatingWebhookConfiguration", "", "hooks")
    stored["webhooks"][0]["sideEffects"] = "Some"  # as an older API let one be stored
    with pytest.raises(ApiError, match="does not support dry run"):
        store.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}, manager="m", dry_run=True)
