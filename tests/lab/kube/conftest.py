"""A store with an API in front, reached without a network."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import httpx2
import orjson
import pytest
from starlette.applications import Starlette

from aiops.core.entity import Manifest
from aiops.lab.kube import MASTERS, ObjectStore, User, bootstrap, kubernetes_app
from tests.support.worlds import copy_of

START = 1_780_000_000.0
TOKENS = {"admin": User("admin", (MASTERS,)), "alice": User("alice", ("developers",)), "bob": User("bob")}

STRATEGIC = "application/strategic-merge-patch+json"
MERGE = "application/merge-patch+json"
JSON = "application/json-patch+json"
APPLY = "application/apply-patch+yaml"


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now


class Api:
    """Requests as one user; answers are (status, body)."""

    def __init__(self, app: Starlette, token: str = "admin", **headers: str) -> None:
        self._app = app
        self._headers = {"authorization": f"Bearer {token}", "user-agent": "kubectl/v1.32", **headers}

    def as_user(self, token: str, **headers: str) -> Api:
        return Api(self._app, token, **headers)

    async def __call__(self, method: str, path: str, body: Any = None, **options: Any) -> tuple[int, Any]:
        content, headers = options.pop("content", None), options.pop("headers", {})
        if body is not None:
            content, headers = orjson.dumps(body), {"content-type": "application/json", **headers}
        transport = httpx2.ASGITransport(app=self._app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://lab", headers=self._headers) as client:
            answer = await client.request(method, path, content=content, headers=headers, params=options or None)
        is_json = answer.headers["content-type"].startswith("application/json")
        return answer.status_code, answer.json() if is_json else answer.text

    async def patch(self, path: str, body: Any, media: str = STRATEGIC, **options: Any) -> tuple[int, Any]:
        return await self("PATCH", path, body, headers={"content-type": media}, **options)


def deployment(name: str = "web", **spec: Any) -> Manifest:
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "app", "image": "app:1"}]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {"replicas": 2, "selector": {"matchLabels": labels}, "template": template, **spec},
    }


def config_map(name: str, labels: dict[str, str] | None = None, **data: str) -> Manifest:
    metadata = {"name": name, "namespace": "default", **({"labels": labels} if labels else {})}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


def new_store() -> ObjectStore:
    store = ObjectStore(now=Clock(), rng=Random(3))
    bootstrap(store)
    return store


@pytest.fixture
def store() -> ObjectStore:
    return copy_of(new_store)


@pytest.fixture
def clock(store: ObjectStore) -> Clock:
    """The store's."""
    assert isinstance(store.now, Clock)
    return store.now


@pytest.fixture
def app(store: ObjectStore) -> Starlette:
    return kubernetes_app(store, tokens=TOKENS, logs=lambda container, since, tail: [])


@pytest.fixture
def api(app: Starlette) -> Api:
    return Api(app)


@pytest.fixture
def make_deployment() -> Callable[..., Manifest]:
    return deployment


@pytest.fixture
def make_config_map() -> Callable[..., Manifest]:
    return config_map
