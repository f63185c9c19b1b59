"""Services that answer from a function, and the API server of the lab, without a network."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import httpx2
import pytest

from aiops.clients.kubernetes import KubernetesClient
from aiops.clients.transport import Retry
from aiops.lab.kube import MASTERS, ObjectStore, User, bootstrap, kubernetes_app
from tests.support.worlds import copy_of

Handler = Callable[[httpx2.Request], httpx2.Response]
NOW = 1_790_000_000.0


class Script:
    """A transport that answers by a function and remembers what it was asked."""

    def __init__(self, answer: Handler) -> None:
        self.requests: list[httpx2.Request] = []
        self.transport = httpx2.MockTransport(self._handle)
        self._answer = answer

    def _handle(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        return self._answer(request)


@pytest.fixture
def script() -> type[Script]:
    return Script


@pytest.fixture
def quick() -> Retry:
    return Retry(attempts=3, wait=0.0)


def present() -> float:
    return NOW


def new_store() -> ObjectStore:
    store = ObjectStore(now=present, rng=Random(1))
    bootstrap(store)
    for name in ("hotel", "other"):
        store.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}, manager="test")
    return store


@pytest.fixture
def store() -> ObjectStore:
    return copy_of(new_store)


TOKENS = {"root": User("root", (MASTERS,)), "nobody": User("nobody", ())}


@pytest.fixture
def kube_of_nobody(store: ObjectStore) -> KubernetesClient:
    app = kubernetes_app(store, tokens=TOKENS, logs=lambda *_: [])
    return KubernetesClient.at("http://lab", token="nobody", transport=httpx2.ASGITransport(app=app))


@pytest.fixture
def kube(store: ObjectStore) -> KubernetesClient:
    app = kubernetes_app(store, tokens=TOKENS, logs=lambda *_: [])
    return KubernetesClient.at("http://lab", token="root", transport=httpx2.ASGITransport(app=app))
