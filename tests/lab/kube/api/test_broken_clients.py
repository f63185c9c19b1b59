"""What arrives over a connection, however broken, stops nobody else; what can be answered gets a Status."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from random import Random
from typing import Any
from urllib.parse import urlsplit

import httpx2
import orjson
import pytest
from starlette.applications import Starlette

from aiops.core.entity import Manifest
from aiops.lab.kube import ObjectStore
from aiops.lab.serving import Served

MAPS = "/api/v1/namespaces/default/configmaps"
ADMIN = {"authorization": "Bearer admin"}
JSON = {"content-type": "application/json"}
HEAD = f"POST {MAPS} HTTP/1.1\r\nHost: lab\r\nAuthorization: Bearer admin\r\nContent-Type: application/json\r\n"
WATCH = f"GET {MAPS}?watch=true HTTP/1.1\r\nHost: lab\r\nAuthorization: Bearer admin\r\n\r\n"
POD = "/api/v1/namespaces/default/pods/web"
LABELS = {"app": "web"}
WAIT = 60.0


@pytest.fixture
async def address(app: Starlette) -> AsyncIterator[str]:
    async with Served(app) as address:
        yield address


async def _well(address: str) -> bool:
    """Whether somebody else is answered now."""
    async with httpx2.AsyncClient(base_url=address, headers=ADMIN, trust_env=False) as client:
        return (await client.get(MAPS)).json()["kind"] == "ConfigMapList"


async def _send(address: str, content: bytes, *, read: bool) -> bytes:
    """Send bytes and go away, without a word or after the answer's first bytes."""
    where = urlsplit(address)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    answer = b""
    with suppress(ConnectionError):
        writer.write(content)
        await writer.drain()
        if read:
            answer = await asyncio.wait_for(reader.read(4096), WAIT)
    writer.transport.abort()
    return answer


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GET ",
        HEAD.encode(),
        f"{HEAD}Content-Length: 100\r\n\r\n{{".encode(),
        f"{HEAD}Transfer-Encoding: chunked\r\n\r\n5\r\n{{".encode(),
        f"{HEAD}X-Long: {'x' * 60_000}".encode(),
        WATCH.encode(),
    ],
    ids=["nothing", "half a line", "half a head", "half a body", "half a chunk", "a long half header", "a watch"],
)
async def test_who_goes_away_in_the_middle_is_missed_by_nobody(address: str, content: bytes) -> None:
    for _ in range(5):
        await _send(address, content, read=False)
    assert await _well(address)


@pytest.mark.parametrize(
    "content",
    [
        b"\r\n\r\n\x00\x01\x02 nonsense\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/9.9\r\n\r\n",
        f"{HEAD}Content-Length: -5\r\n\r\n".encode(),
        f"{HEAD}Transfer-Encoding: chunked\r\n\r\nzz\r\n".encode(),
        f"GET {MAPS} HTTP/1.1\r\nHost: lab\r\nX-Long: {'x' * 2_000_000}\r\n\r\n".encode(),
        b"GET /" + b"a" * 2_000_000 + b" HTTP/1.1\r\nHost: lab\r\n\r\n",
    ],
    ids=["bytes", "TLS", "version", "length", "chunk", "header", "path"],
)
async def test_what_is_no_request_is_refused_and_stops_nobody(address: str, content: bytes) -> None:
    answer = await _send(address, content, read=True)
    assert answer == b"" or answer.split()[1] in (b"400", b"401", b"403", b"404", b"431"), answer[:200]
    assert await _well(address)


async def test_random_bytes_stop_nobody(address: str) -> None:
    draw = Random(5)
    for _ in range(60):
        start = draw.choice(("", "GET / HTTP/1.1\r\n", HEAD, f"{HEAD}\r\n")).encode()
        await _send(address, start + draw.randbytes(draw.randrange(1, 2000)), read=False)
    assert await _well(address)


async def test_a_watch_that_is_cut_leaves_the_others_their_events(address: str, store: ObjectStore) -> None:
    where = urlsplit(address)
    async with (
        httpx2.AsyncClient(base_url=address, headers=ADMIN, trust_env=False) as client,
        client.stream("GET", MAPS, params={"watch": "1", "resourceVersion": str(store.revision)}) as stays,
    ):
        lines = stays.aiter_lines()
        for turn in range(20):
            reader, writer = await asyncio.open_connection(where.hostname, where.port)
            writer.write(WATCH.encode())
            await asyncio.wait_for(reader.readline(), WAIT)
            writer.transport.abort()
            _made(store, "v1", "ConfigMap", f"m{turn}")
            event = orjson.loads(await asyncio.wait_for(anext(lines), WAIT))
            assert event["object"]["metadata"]["name"] == f"m{turn}"
    assert await _well(address)


@pytest.fixture
def filled(store: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> ObjectStore:
    """A store that has forgotten its first writes, with a pod whose budget is spent and a ConfigMap `taken`."""
    monkeypatch.setattr(store.history, "_size", 10)
    _made(store, "v1", "ConfigMap", "taken")
    pod = _made(store, "v1", "Pod", "web", labels=LABELS, spec={"containers": [{"name": "app", "image": "app:1"}]})
    ready = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}
    store.update({**pod, "status": {**pod["status"], **ready}}, manager="m", subresource="status")
    spec = {"minAvailable": 1, "selector": {"matchLabels": LABELS}}
    budget = _made(store, "policy/v1", "PodDisruptionBudget", "web", spec=spec)
    spent = {"disruptionsAllowed": 0, "currentHealthy": 1, "desiredHealthy": 1, "expectedPods": 1}
    store.update(
        {**budget, "status": {**spent, "observedGeneration": 1, "conditions": []}}, manager="m", subresource="status"
    )
    return store


def _made(store: ObjectStore, version: str, kind: str, name: str, labels: Any = None, **parts: Any) -> Manifest:
    metadata = {"namespace": "default", "name": name, **({"labels": labels} if labels else {})}
    return store.create({"apiVersion": version, "kind": kind, "metadata": metadata, **parts}, manager="m")


@pytest.mark.parametrize(
    ("method", "path", "headers", "content", "status", "reason"),
    [
        ("POST", MAPS, JSON, b"{", 400, "BadRequest"),
        ("GET", MAPS, {"authorization": "Bearer of-nobody"}, b"", 401, "Unauthorized"),
        ("GET", MAPS, {"authorization": "Bearer bob"}, b"", 403, "Forbidden"),
        ("GET", f"{MAPS}/none", {}, b"", 404, "NotFound"),
        ("PUT", MAPS, JSON, b"{}", 405, "MethodNotAllowed"),
        ("POST", MAPS, JSON, b'{"metadata": {"name": "taken"}}', 409, "AlreadyExists"),
        ("GET", f"{MAPS}?resourceVersion=1&resourceVersionMatch=Exact&limit=1", {}, b"", 410, "Expired"),
        ("POST", f"{POD}/eviction", JSON, b'{"metadata": {"name": "web"}}', 429, "TooManyRequests"),
        ("POST", MAPS, {"content-type": "text/plain"}, b"x", 415, "UnsupportedMediaType"),
        ("POST", MAPS, JSON, b'{"metadata": {"name": "A_"}}', 422, "Invalid"),
    ],
)
async def test_bad_requests_get_a_status_over_http(
    address: str,
    filled: ObjectStore,
    method: str,
    path: str,
    headers: dict[str, str],
    content: bytes,
    status: int,
    reason: str,
) -> None:
    async with httpx2.AsyncClient(base_url=address, headers=ADMIN, trust_env=False) as client:
        answer = await client.request(method, path, headers=headers, content=content)
    body = answer.json()
    assert (answer.status_code, body["kind"], body["code"], body["reason"]) == (status, "Status", status, reason)
