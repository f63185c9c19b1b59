"""Requests that are too many, too slow, or whose client goes away."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.applications import Starlette

from aiops.lab.kube import ObjectStore, User
from aiops.lab.kube.access.user import MASTERS
from aiops.lab.kube.api.fairness import QUEUED, Fairness, TooManyRequestsError, flow_of
from aiops.lab.kube.api.request import parse_request

PATH = "/api/v1/namespaces/default/configmaps"


@pytest.mark.parametrize(
    ("user", "path", "schema", "level"),
    [
        (User("a", (MASTERS,)), PATH, "exempt", "exempt"),
        (User("system:anonymous", ()), "/healthz", "probes", "exempt"),
        (User("system:node:n", ("system:nodes",)), "/api/v1/nodes/n", "system-node-high", "node-high"),
        (User("system:node:n", ("system:nodes",)), "/api/v1/pods", "system-nodes", "system"),
        (User("x", ("system:serviceaccounts",)), PATH, "service-accounts", "workload-low"),
        (User("bob", ("system:authenticated",)), PATH, "global-default", "global-default"),
        (User("system:anonymous", ()), PATH, "catch-all", "catch-all"),
    ],
)
def test_whose_flow_a_request_is_of(user: User, path: str, schema: str, level: str) -> None:
    flow = flow_of(user, parse_request("GET", path, {}))
    assert (flow.schema, flow.level) == (schema, level)


def test_a_flow_has_so_many_places(store: ObjectStore) -> None:
    fairness = Fairness(store)
    flow = flow_of(User("bob", ("system:authenticated",)), parse_request("GET", PATH, {}))
    seats = [fairness.seat(flow) for _ in range(QUEUED + 49)]
    for seat in seats:
        seat.__enter__()
    with pytest.raises(TooManyRequestsError), fairness.seat(flow):
        pass
    other = flow_of(User("eve", ("system:authenticated",)), parse_request("GET", PATH, {}))
    with fairness.seat(other):
        pass
    for seat in seats:
        seat.__exit__(None, None, None)
    with fairness.seat(flow):
        pass


async def test_a_flood_is_told_to_come_back(app: Starlette, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aiops.lab.kube.api.fairness.QUEUED", -1000)
    answers = await _raw(app, b"Bearer bob", path="/version")
    assert answers[0]["status"] == 429
    headers = dict(answers[0]["headers"])
    assert headers[b"retry-after"] == b"1"
    assert headers[b"x-kubernetes-pf-prioritylevel-uid"]
    assert (await _raw(app, b"Bearer admin"))[0]["status"] == 200, "an administrator is exempt"


async def test_a_client_that_goes_away_is_no_mistake_of_the_lab(app: Starlette, caplog: Any) -> None:
    answers = await _raw(app, b"Bearer admin", method="POST", received=[{"type": "http.disconnect"}])
    assert answers[0]["status"] == 499
    assert not caplog.records


async def _raw(
    app: Starlette,
    token: bytes,
    method: str = "GET",
    path: str = PATH,
    received: list[dict[str, Any]] | None = None,
) -> list[dict[str, Any]]:
    """One request by hand; the messages that the application sends."""
    sent: list[dict[str, Any]] = []
    waiting = received or [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> dict[str, Any]:
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"authorization", token), (b"content-type", b"application/json")],
    }
    await app(scope, receive, send)
    return sent


async def test_the_flow_schemas_can_be_read(api: Any) -> None:
    group = "/apis/flowcontrol.apiserver.k8s.io/v1"
    _, schemas = await api("GET", f"{group}/flowschemas")
    _, levels = await api("GET", f"{group}/prioritylevelconfigurations")
    names = {level["metadata"]["name"] for level in levels["items"]}
    assert {schema["spec"]["priorityLevelConfiguration"]["name"] for schema in schemas["items"]} <= names
    assert {schema["status"]["conditions"][0]["reason"] for schema in schemas["items"]} == {"Found"}
    assert "workload-high" in names
