"""`pods/exec`, `pods/attach`, `pods/portforward`: over WebSockets, and what is refused."""

from __future__ import annotations

from typing import Any

import httpx2
import orjson
import pytest

from aiops.lab.ports import ExecResult, HttpReply, Listener

PODS = "/api/v1/namespaces/default/pods"
RUNNING = {"state": {"running": {}}, "lastState": {}, "containerID": "containerd://now"}


@pytest.fixture
def shop(rig: Any) -> Any:
    rig.pod("one", "app")
    rig.report("one", app=RUNNING)
    rig.containers.answers = {
        ("now", "echo", "hi"): ExecResult(0, "hi\n"),
        ("now", "false"): ExecResult(1, "", "no\n"),
        ("now", "vim"): ExecResult(127, problem='exec: "vim": executable file not found in $PATH'),
        ("now", "long"): ExecResult(0, "x" * 100_000),
    }
    return rig


async def _run(rig: Any, query: str, **options: Any) -> tuple[dict[int, bytes], dict[str, Any]]:
    """(what came on each channel, the Status at the end)."""
    async with rig.socket(f"{PODS}/one/{query}", **options) as socket:
        messages = await socket.all()
    assert messages[0]["type"] == "websocket.accept"
    assert messages[-1]["type"] == "websocket.close"
    channels: dict[int, bytes] = {}
    for message in messages[1:-1]:
        channel, part = message["bytes"][0], message["bytes"][1:]
        channels[channel] = channels.get(channel, b"") + part
    return channels, orjson.loads(channels.pop(3))


async def _refused(rig: Any, query: str, **options: Any) -> tuple[int, str]:
    async with rig.socket(f"{PODS}/{query}", **options) as socket:
        start, *rest = await socket.all()
    assert start["type"] == "websocket.http.response.start"
    return start["status"], orjson.loads(b"".join(part["body"] for part in rest))["message"]


@pytest.mark.parametrize("protocol", ["v5.channel.k8s.io", "v4.channel.k8s.io"])
async def test_a_command_answers_on_its_channels(shop: Any, protocol: str) -> None:
    channels, status = await _run(shop, "exec?command=echo&command=hi&stdout=true&stderr=true", protocols=[protocol])
    assert channels == {1: b"hi\n"}
    assert status == {"metadata": {}, "status": "Success"}


async def test_an_exit_code_comes_as_a_cause(shop: Any) -> None:
    channels, status = await _run(shop, "exec?command=false&stdout=true&stderr=true")
    assert channels == {2: b"no\n"}
    assert status["reason"] == "NonZeroExitCode"
    assert status["details"] == {"causes": [{"reason": "ExitCode", "message": "1"}]}


async def test_an_unknown_program_is_the_runtime_s_to_refuse(shop: Any) -> None:
    channels, status = await _run(shop, "exec?command=vim&stdout=true&stderr=true")
    assert channels == {2: b'exec: "vim": executable file not found in $PATH: unknown\n'}
    assert status["details"]["causes"][0]["message"] == "127"


async def test_long_text_comes_in_pieces_and_only_where_it_is_wanted(shop: Any) -> None:
    channels, _ = await _run(shop, "exec?command=long&stdout=1")
    assert channels == {1: b"x" * 100_000}
    channels, _ = await _run(shop, "exec?command=false&stdout=1")
    assert channels == {}
    channels, _ = await _run(shop, "exec?command=false&stdout=1&tty=1")
    assert channels == {1: b"no\n"}


async def test_attaching_shows_what_is_written_from_now_on(shop: Any, clock: Any) -> None:
    now = clock.now
    shop.containers.lines["now"] = [(now - 5, "before")]
    async with shop.socket(f"{PODS}/one/attach?stdout=true") as socket:
        assert (await socket.next())["type"] == "websocket.accept"
        shop.containers.lines["now"].append((now + 3, "after"))
        clock.now = now + 5
        assert (await socket.next())["bytes"] == b"\x01after\n"
        shop.report("one", "Succeeded", app={"state": {"terminated": {"exitCode": 0}}})
        assert (await socket.next())["bytes"][0] == 3
        assert (await socket.next())["type"] == "websocket.close"


async def test_a_client_that_leaves_ends_its_own_stream_alone(shop: Any) -> None:
    async with shop.socket(f"{PODS}/one/attach?stdout=true") as socket:
        await socket.next()
    channels, _ = await _run(shop, "exec?command=echo&command=hi&stdout=true")
    assert channels == {1: b"hi\n"}


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("nope/exec?command=ls&stdout=1", 404, 'pods "nope" not found'),
        ("one/exec?command=ls&container=z&stdout=1", 400, "container z is not valid for pod one"),
        ("one/exec?stdout=1", 400, "you must specify at least 1 command for the container"),
        ("one/exec?command=ls", 400, "you must specify at least 1 of stdin, stdout, stderr"),
        (
            "one/portforward?ports=80",
            400,
            "unable to upgrade: unsupported protocols ['v5.channel.k8s.io'], known are "
            "['SPDY/3.1+portforward.k8s.io', 'portforward.k8s.io', 'v4.channel.k8s.io']",
        ),
        ("one/log", 404, "the server could not find the requested resource"),
        ("free/exec?command=ls&stdout=1", 400, "pod free does not have a host assigned"),
        (
            "done/exec?command=ls&stdout=1",
            400,
            "cannot exec into a container in a completed pod; current phase is Succeeded",
        ),
    ],
)
async def test_what_is_refused_before_the_upgrade(shop: Any, path: str, status: int, message: str) -> None:
    shop.pod("free", "app", node="")
    shop.pod("done", "app")
    shop.report("done", "Succeeded", app={"state": {"terminated": {"exitCode": 0}}})
    assert await _refused(shop, path) == (status, message)


async def test_reading_is_not_enough(shop: Any) -> None:
    role = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "peek"},
        "rules": [{"apiGroups": [""], "resources": ["pods/exec"], "verbs": ["get"]}],
    }
    binding = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "peek"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "peek"},
        "subjects": [{"kind": "User", "name": "bob", "apiGroup": "rbac.authorization.k8s.io"}],
    }
    shop.store.create(role, manager="test")
    shop.store.create(binding, manager="test")
    status, message = await _refused(shop, "one/exec?command=ls&stdout=1", token="bob")
    assert status == 403
    assert 'cannot create resource "pods/exec"' in message
    assert (await _refused(shop, "one/exec?command=ls&stdout=1", token="stranger"))[0] == 401


async def test_an_unknown_protocol_is_refused(shop: Any) -> None:
    status, message = await _refused(shop, "one/exec?command=ls&stdout=1", protocols=["v9.example.com"])
    assert (status, "unsupported protocols" in message) == (400, True)


@pytest.mark.parametrize(
    ("method", "path", "headers", "status", "message"),
    [
        ("GET", "one/exec?command=ls&stdout=1", {}, 400, "Upgrade request required"),
        ("POST", "one/exec?command=ls&stdout=1", {}, 400, "Upgrade request required"),
        ("POST", "one/attach", {"upgrade": "SPDY/3.1"}, 400, "SPDY is not spoken here"),
        ("POST", "two/exec?command=ls&stdout=1", {"upgrade": "SPDY/3.1"}, 500, 'container not found ("app")'),
        ("GET", "nope/portforward", {}, 404, 'pods "nope" not found'),
    ],
)
async def test_plain_requests_get_the_same_checks(
    shop: Any, method: str, path: str, headers: dict[str, str], status: int, message: str
) -> None:
    shop.pod("two", "app")
    transport = httpx2.ASGITransport(app=shop.app)
    headers = {"authorization": "Bearer admin", **headers}
    async with httpx2.AsyncClient(transport=transport, base_url="http://lab", headers=headers) as client:
        answer = await client.request(method, f"{PODS}/{path}")
    assert answer.status_code == status
    assert message in answer.json()["message"]


async def test_a_port_is_forwarded_by_channels(shop: Any) -> None:
    shop.containers.listeners = {80: Listener(lambda method, path: HttpReply(200, "OK", f"{method} {path}"))}
    async with shop.socket(f"{PODS}/one/portforward?ports=80", protocols=["v4.channel.k8s.io"]) as socket:
        opened = [await socket.next() for _ in range(3)]
        assert [message.get("bytes") for message in opened] == [None, b"\x00\x50\x00", b"\x01\x50\x00"]
        socket.write(b"\x00GET /a HTTP/1.0\r\n\r\n")
        assert (await socket.next())["bytes"].endswith(b"GET /a")
        assert (await socket.next())["type"] == "websocket.close"


@pytest.mark.parametrize(("ports", "why"), [("", "is required"), ("ports=0", "valid port number"), ("ports=x", '"x"')])
async def test_ports_must_be_some(shop: Any, ports: str, why: str) -> None:
    status, message = await _refused(shop, f"one/portforward?{ports}", protocols=["v4.channel.k8s.io"])
    assert status == 400
    assert why in message


async def test_a_tunnel_that_speaks_something_else_is_closed(shop: Any) -> None:
    async with shop.socket(f"{PODS}/one/portforward", protocols=["SPDY/3.1+portforward.k8s.io"]) as socket:
        assert (await socket.next())["subprotocol"] == "SPDY/3.1+portforward.k8s.io"
        socket.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" + bytes(2_000_000))
        socket.write(b"\xff" * 20)
        assert (await socket.next())["type"] == "websocket.close"


async def test_a_process_that_reads_has_waited_for_who_attaches(shop: Any, clock: Any) -> None:
    shop.pod("asks", "app", containers=[{"name": "app", "image": "app:1", "stdin": True}])
    shop.report("asks", app=RUNNING)
    shop.containers.lines["now"] = [(clock.now - 5, "before")]
    async with shop.socket(f"{PODS}/asks/attach?stdout=true") as socket:
        assert (await socket.next())["type"] == "websocket.accept"
        assert (await socket.next())["bytes"] == b"\x01before\n"
