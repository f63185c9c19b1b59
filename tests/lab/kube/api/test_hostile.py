"""Clients that send nonsense get a Status, and the lab lives on."""

from __future__ import annotations

from itertools import pairwise
from random import Random
from typing import Any

import pytest
from starlette.applications import Starlette

from aiops.lab.kube import MASTERS, User, kubernetes_app
from aiops.lab.kube.encoding.bodies import MOST_BYTES
from aiops.lab.world import World
from tests.lab.kube.conftest import Api

MAPS = "/api/v1/namespaces/default/configmaps"
HOTEL = "/apis/apps/v1/namespaces/hotel/deployments"
YAML = {"content-type": "application/yaml"}
PATCHES = ("json-patch+json", "merge-patch+json", "strategic-merge-patch+json", "apply-patch+yaml")


def _bomb() -> bytes:
    """A few lines of YAML that stand for nine to the power of nine strings."""
    lines = ["a: &a [x,x,x,x,x,x,x,x,x]"]
    names = "abcdefghi"
    for before, name in pairwise(names):
        lines.append(f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]")
    return "\n".join(lines).encode()


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (_bomb(), YAML, 400),
        (b"a: [" * 5000, YAML, 400),
        (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, {}, 400),
        (b" " * (MOST_BYTES + 1), {}, 413),
        (b"\xff\xfe", {}, 400),
        (b"k8s\x00\xff\xff", {"content-type": "application/vnd.kubernetes.protobuf"}, 400),
    ],
)
async def test_bodies_that_would_fill_the_memory_or_the_stack(
    api: Api, content: bytes, headers: dict[str, str], status: int
) -> None:
    answered, body = await api("POST", MAPS, content=content, headers=headers)
    assert (answered, body["kind"]) == (status, "Status")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("spec.template.spec.containers", 5),
        ("spec.template.spec.containers", [{"name": "a", "image": "b", "livenessProbe": {"httpGet": "x"}}]),
        ("spec.strategy.rollingUpdate.maxSurge", {}),
        ("spec.replicas", 2**63),
        ("status.conditions", ["x"]),
        ("metadata.finalizers", [1]),
        ("metadata.creationTimestamp", 5),
    ],
)
async def test_a_field_of_another_type_is_named(api: Api, make_deployment: Any, path: str, status: Any) -> None:
    body = make_deployment()
    parts = path.split(".")
    place = body
    for part in parts[:-1]:
        place = place.setdefault(part, {})
    place[parts[-1]] = status
    answered, said = await api("POST", "/apis/apps/v1/namespaces/default/deployments", body)
    assert answered == 400
    assert path in said["message"]


async def test_null_is_a_field_that_is_not_there(api: Api, make_deployment: Any) -> None:
    body = make_deployment(strategy=None, minReadySeconds=None)
    body["metadata"] |= {"labels": None, "creationTimestamp": None}
    status, made = await api("POST", "/apis/apps/v1/namespaces/default/deployments", body)
    assert status == 201
    assert made["spec"]["strategy"]["type"] == "RollingUpdate"


async def test_a_mistake_of_the_lab_is_a_status_too(app: Starlette, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aiops.lab.kube.api.reads.list_page", lambda *_: 1 // 0)
    status, body = await api("GET", MAPS)
    assert (status, body["kind"], body["reason"]) == (500, "Status", "InternalError")


VALUES: tuple[Any, ...] = (None, True, -1, 0, 2**63, "", "x", "\x00", [], {}, [[]], {"a": 1}, [None], "2026-99-99")


def _mutate(draw: Random, value: Any) -> Any:
    """A copy of a JSON value with one part replaced by nonsense."""
    if isinstance(value, dict) and value and draw.random() < 0.9:
        key = draw.choice(sorted(value))
        return {**value, key: _mutate(draw, value[key])}
    if isinstance(value, list) and value and draw.random() < 0.9:
        index = draw.randrange(len(value))
        return [*value[:index], _mutate(draw, value[index]), *value[index + 1 :]]
    return draw.choice(VALUES)


def _pass(world: World, seconds: float) -> None:
    for _ in world.ticks(seconds):
        pass


@pytest.mark.parametrize("seed", range(3))
async def test_no_nonsense_stops_a_cluster(seed: int) -> None:
    draw, world = Random(seed), World("hotel", seed=0)
    _pass(world, 60)
    api = Api(kubernetes_app(world.cluster, tokens={"admin": User("root", (MASTERS,))}, logs=world.logs))
    table = {"accept": "application/json;as=Table;v=v1;g=meta.k8s.io"}
    paths = (
        HOTEL,
        *(f"/api/v1/namespaces/hotel/{kind}" for kind in ("pods", "services", "endpoints")),
        "/api/v1/nodes",
    )
    for turn in range(300):
        path = draw.choice(paths)
        status, listed = await api("GET", path, headers=draw.choice((table, {})))
        assert status == 200
        if turn % 20 == 0:
            _pass(world, 5)
        if not listed.get("items"):
            continue
        item = draw.choice(listed["items"])
        where = f"{path}/{item['metadata']['name']}{draw.choice(('', '', '/status'))}"
        method = draw.choice(("PUT", "PATCH"))
        media = f"application/{draw.choice(PATCHES[1:])}" if method == "PATCH" else "application/json"
        status, body = await api(method, where, _mutate(draw, item), headers={"content-type": media}, fieldManager="f")
        assert status < 500 or "reason" not in body, "the real server's own 500s have no reason"
