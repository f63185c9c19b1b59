"""`pods/log`."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.lab.kube.access.tokens import TokenIssuer
from aiops.lab.kube.api.server import Server
from aiops.lab.kube.api.subresources.log import followed, stamp
from aiops.lab.kube.api.subresources.log_options import LogOptions, log_options
from aiops.lab.kube.errors import ApiError

PODS = "/api/v1/namespaces/default/pods"
NOW = 1_780_000_000.0
RUNNING = {"state": {"running": {}}, "lastState": {}, "containerID": "containerd://now"}
ENDED = {"terminated": {"exitCode": 137, "containerID": "containerd://before"}}
CRASHED = {
    "state": {"waiting": {"reason": "CrashLoopBackOff"}},
    "lastState": ENDED,
    "containerID": "containerd://before",
}


@pytest.fixture
def shop(rig: Any) -> Any:
    rig.containers.lines = {
        "now": [(NOW - 30, "old"), (NOW - 10, "new"), (NOW, "now")],
        "before": [(NOW - 60, "started"), (NOW - 50, "died")],
    }
    rig.pod("one", "app")
    rig.report("one", app=RUNNING)
    return rig


async def _get(rig: Any, path: str, token: str = "admin") -> tuple[int, Any]:
    transport = httpx2.ASGITransport(app=rig.app)
    headers = {"authorization": f"Bearer {token}"}
    async with httpx2.AsyncClient(transport=transport, base_url="http://lab", headers=headers) as client:
        answer = await client.get(f"{PODS}/{path}")
    return answer.status_code, answer.json()["message"] if answer.status_code >= 400 else answer.text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "old\nnew\nnow\n"),
        ("?container=app&tailLines=1", "now\n"),
        ("?tailLines=0", ""),
        ("?sinceSeconds=15", "new\nnow\n"),
        ("?sinceTime=2026-05-28T20:26:40Z", "now\n"),
        ("?tailLines=1&timestamps=true", "2026-05-28T20:26:40.000000000Z now\n"),
        ("?limitBytes=6", "old\nne"),
        ("?previous=false&tailLines=1", "now\n"),
    ],
)
async def test_what_is_asked_for(shop: Any, query: str, expected: str) -> None:
    assert await _get(shop, f"one/log{query}") == (200, expected)


async def test_the_log_of_the_process_before(shop: Any) -> None:
    shop.report("one", app=CRASHED)
    assert await _get(shop, "one/log?previous=true&tailLines=1") == (200, "died\n")
    assert await _get(shop, "one/log") == (200, "started\ndied\n"), "while it waits to be started again"


@pytest.mark.parametrize(
    ("query", "status", "message"),
    [
        ("container=x", 400, "container x is not valid for pod one"),
        ("previous=1", 400, 'previous terminated container "app" in pod "one" not found'),
        ("tailLines=x", 400, 'strconv.ParseInt: parsing "x": invalid syntax'),
        ("tailLines=99999999999999999999", 400, 'strconv.ParseInt: parsing "99999999999999999999": value out of range'),
        ("sinceTime=noon", 400, 'parsing time "noon" as "2006-01-02T15:04:05Z07:00": cannot parse "noon" as "2006"'),
        (
            "tailLines=-1",
            422,
            'PodLogOptions "one" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0',
        ),
        ("limitBytes=0", 422, 'PodLogOptions "one" is invalid: limitBytes: Invalid value: 0: must be greater than 0'),
        (
            "sinceSeconds=0",
            422,
            'PodLogOptions "one" is invalid: sinceSeconds: Invalid value: 0: must be greater than 0',
        ),
        (
            "sinceSeconds=1&sinceTime=2026-05-28T20:26:40Z",
            422,
            'PodLogOptions "one" is invalid: []: '
            "Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified",
        ),
        ("stream=Stdout", 422, 'PodLogOptions "one" is invalid: stream: Forbidden: may not be specified'),
    ],
)
async def test_what_cannot_be_asked_for(shop: Any, query: str, status: int, message: str) -> None:
    assert await _get(shop, f"one/log?{query}") == (status, message)


@pytest.mark.parametrize(
    ("reason", "why"),
    [
        ("ContainerCreating", "ContainerCreating"),
        ("PodInitializing", "PodInitializing"),
        ("ErrImagePull", "image can't be pulled"),
        ("ImagePullBackOff", "trying and failing to pull image"),
    ],
)
async def test_a_container_that_has_not_started(shop: Any, reason: str, why: str) -> None:
    shop.report("one", "Pending", app={"state": {"waiting": {"reason": reason}}, "lastState": {}})
    message = f'container "app" in pod "one" is waiting to start: {why}'
    assert await _get(shop, "one/log") == (400, message)


async def test_pods_of_several_containers_and_of_none(shop: Any) -> None:
    shop.pod("two", "a", "b", initContainers=[{"name": "prep", "image": "app:1"}])
    choose = "a container name must be specified for pod two, choose one of: [prep a b]"
    assert await _get(shop, "two/log") == (400, choose)
    assert await _get(shop, "two/log?container=a") == (400, 'container "a" in pod "two" is not available')
    shop.pod("free", "a", node="")
    assert await _get(shop, "free/log") == (204, "")
    assert await _get(shop, "nope/log") == (404, 'pods "nope" not found')
    status, message = await _get(shop, "one/log", token="bob")
    assert status == 403
    assert 'cannot get resource "pods/log"' in message


async def test_following_ends_with_the_container(shop: Any, clock: Any) -> None:
    server = Server(shop.store, {}, shop.containers.logs, TokenIssuer(shop.store))
    parts = followed(server, ("default", "one"), "app", "now", LogOptions(tail=1))
    assert await anext(parts) == b"now\n"
    waiting = asyncio.ensure_future(anext(parts))
    await asyncio.sleep(0)
    shop.containers.lines["now"].append((NOW + 3, "later"))
    clock.now = NOW + 5
    assert await asyncio.wait_for(waiting, 60) == b"later\n"
    shop.containers.lines["now"].append((NOW + 7, "last words"))
    clock.now = NOW + 10
    shop.report("one", "Failed", app={"state": {"terminated": {"exitCode": 1, "containerID": "containerd://now"}}})
    assert [part async for part in parts] == [b"last words\n"]


async def test_following_ends_with_the_pod_and_at_its_limit(shop: Any) -> None:
    server = Server(shop.store, {}, shop.containers.logs, TokenIssuer(shop.store))
    few = followed(server, ("default", "one"), "app", "now", LogOptions(limit=5))
    assert [part async for part in few] == [b"old\nn"]
    gone = followed(server, ("default", "gone"), "app", "now", LogOptions())
    assert [part async for part in gone] == [b"old\nnew\nnow\n"]


@given(st.floats(0, 4e9))
def test_times_have_nine_digits(moment: float) -> None:
    assert len(stamp(moment).partition(".")[2]) == 10


@given(
    st.dictionaries(
        st.sampled_from(["tailLines", "limitBytes", "sinceSeconds", "sinceTime", "follow"]), st.text(max_size=12)
    )
)
def test_any_query_is_read_or_refused(query: dict[str, str]) -> None:
    try:
        options = log_options("p", query, NOW)
    except ApiError as error:
        assert error.status in (400, 422)  # noqa: PT017 - reading it is right too
    else:
        assert options.tail is None or options.tail >= 0
