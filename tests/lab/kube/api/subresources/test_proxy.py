"""What the API server passes on to pods and services."""

from __future__ import annotations

from typing import Any

import pytest

from aiops.lab.ports import HttpReply, Listener
from tests.lab.kube.conftest import Api

ROOT = "/api/v1/namespaces/default"
PORT = {"containerPort": 8080}


@pytest.fixture
def shop(rig: Any) -> Any:
    rig.pod("one", "app", containers=[{"name": "app", "image": "app:1", "ports": [PORT]}])
    rig.report("one", app={"state": {"running": {}}, "containerID": "c://1"})
    pod = rig.store.get("Pod", "default", "one")
    rig.store.update({**pod, "status": {**pod["status"], "podIP": "10.0.0.9"}}, manager="kubelet", subresource="status")
    rig.pod("waiting", "app")
    for name, subsets in (("web", [_subset()]), ("empty", [])):
        ports = [{"name": "http", "port": 80, "targetPort": 8080}]
        service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": {"ports": ports}}
        rig.store.create(service, manager="test")
        endpoints = {"apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": name}, "subsets": subsets}
        rig.store.create(endpoints, manager="test")
    rig.containers.listeners = {
        8080: Listener(lambda method, path: HttpReply(404 if path == "/no" else 200, "OK", f"{method} {path}")),
        6379: Listener(),
    }
    return rig


def _subset() -> dict[str, Any]:
    target = {"kind": "Pod", "name": "one", "namespace": "default"}
    addresses = [{"ip": "10.0.0.9", "targetRef": target}]
    return {"addresses": addresses, "ports": [{"name": "http", "port": 8080}]}


@pytest.mark.parametrize(
    ("place", "answer"),
    [
        ("pods/one/proxy", (200, "GET /")),
        ("pods/one:8080/proxy/a/b?c=1", (200, "GET /a/b")),
        ("pods/http:one:8080/proxy/no", (404, "GET /no")),
        ("services/web:80/proxy/health", (200, "GET /health")),
        ("services/web:http/proxy/", (200, "GET /")),
    ],
)
async def test_a_request_is_passed_on(shop: Any, place: str, answer: tuple[int, str]) -> None:
    assert await Api(shop.app)("GET", f"{ROOT}/{place}") == answer
    status, text = await Api(shop.app)("POST", f"{ROOT}/{place}", {"any": "body"})
    assert (status, text) == (answer[0], answer[1].replace("GET", "POST"))


@pytest.mark.parametrize(
    ("place", "status", "message"),
    [
        ("pods/nope/proxy", 404, 'pods "nope" not found'),
        ("pods/waiting/proxy", 400, "address not allowed"),
        ("pods/one:x/proxy", 503, "error trying to reach service: dial tcp: lookup tcp/x: unknown port"),
        ("pods/one:1/proxy", 503, "error trying to reach service: dial tcp 10.0.0.9:1: connect: connection refused"),
        ("pods/one:6379/proxy", 503, "error trying to reach service: EOF"),
        ("pods/ftp:one:1/proxy", 400, 'invalid pod request "ftp:one:1"'),
        (
            "services/https:web:80/proxy",
            503,
            "error trying to reach service: tls: first record does not look like a TLS handshake",
        ),
        ("services/web:81/proxy", 503, 'no service port 81 found for service "web"'),
        ("services/web/proxy", 503, 'no endpoints available for service "web"'),
        ("services/empty:80/proxy", 503, 'no endpoints available for service "empty"'),
        ("services/nope:80/proxy", 404, 'services "nope" not found'),
    ],
)
async def test_what_cannot_be_reached(shop: Any, place: str, status: int, message: str) -> None:
    code, body = await Api(shop.app)("GET", f"{ROOT}/{place}")
    assert (code, body["message"]) == (status, message)


async def test_a_kubelet_says_that_it_has_no_api(shop: Any) -> None:
    shop.store.create({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n"}}, manager="test")
    status, body = await Api(shop.app)("GET", "/api/v1/nodes/n/proxy/stats/summary")
    assert status == 404
    assert body["message"].startswith("this lab's kubelets have no API")
