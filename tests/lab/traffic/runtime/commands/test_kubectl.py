"""kubectl's own exec, attach, logs, debug and run against containers of the lab, over its real protocols."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import httpx2
import pytest

from aiops.core.clock import SystemClock, pause
from aiops.lab.access_files import write_kubeconfig
from aiops.lab.certificates import self_signed
from aiops.lab.kube import MASTERS, User, kubernetes_app
from aiops.lab.serving import LOOPBACK, Served
from tests.support.pods import PodBench

KUBECTL = shutil.which("kubectl")
pytestmark = pytest.mark.skipif(KUBECTL is None, reason="kubectl is not on the PATH")


class Kubectl:
    """Runs kubectl; answers with (exit code, what it printed on both streams)."""

    def __init__(self, home: Path, bench: PodBench) -> None:
        self.home = home
        self.bench = bench

    async def __call__(self, line: str, *more: str) -> tuple[int, str, str]:
        process = await self.start(*line.split(), *more)
        out, err = await asyncio.wait_for(process.communicate(), 40)
        return process.returncode or 0, out.decode(), err.decode()

    async def start(self, *words: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            str(KUBECTL),
            *words,
            cwd=self.home,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self.home),
                "KUBECONFIG": str(self.home / "admin.kubeconfig"),
            },
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )


@pytest.fixture
async def kubectl(tmp_path: Path) -> AsyncIterator[Kubectl]:
    bench = PodBench()
    tokens = {"secret": User("admin", (MASTERS,))}
    app = kubernetes_app(bench.store, tokens=tokens, logs=bench.runtime.logs, runtime=bench.runtime)
    certificate = self_signed(LOOPBACK, SystemClock().now())

    async def live() -> None:
        while True:
            bench.ticks(1)
            await pause(0.05)

    living = asyncio.create_task(live())
    async with Served(app, certificate) as server:
        write_kubeconfig(tmp_path, "admin", server=server, certificate=certificate, token="secret", namespace="default")
        yield Kubectl(tmp_path, bench)
    living.cancel()
    with suppress(asyncio.CancelledError):
        await living


async def test_exec(kubectl: Kubectl) -> None:
    kubectl.bench.run(image="nginx:1.25", restart="Always")
    assert await kubectl("exec one -- echo hello") == (0, "hello\n", "")
    code, out, err = await kubectl("exec one -- sh -c", "echo out; exit 3")
    assert (code, out, err) == (3, "out\n", "command terminated with exit code 3\n")
    code, _, err = await kubectl("exec one -- vim")
    assert code == 127
    assert 'unable to start container process: exec: "vim": executable file not found in $PATH' in err
    code, out, _ = await kubectl("exec one -- curl -s -o /dev/null -w", "%{http_code}", "http://localhost/")
    assert (code, out) == (0, "200")
    assert "nameserver" in (await kubectl("exec one -c app -- cat /etc/resolv.conf"))[1]
    assert "container nope is not valid for pod one" in (await kubectl("exec one -c nope -- ls"))[2]
    assert 'pods "nope" not found' in (await kubectl("exec nope -- ls"))[2]
    code, out, err = await kubectl("cp one:/etc/hosts hosts")
    assert code != 0
    assert 'exec: "tar": executable file not found' in out + err


async def _forwarding(kubectl: Kubectl, what: str) -> tuple[asyncio.subprocess.Process, int]:
    """kubectl port-forward once it listens, and the local port."""
    process = await kubectl.start("port-forward", *what.split())
    assert process.stdout is not None
    line = (await asyncio.wait_for(process.stdout.readline(), 20)).decode()
    assert line, (await process.communicate())[1].decode()
    return process, int(line.split(" -> ")[0].rpartition(":")[2])


async def test_port_forward(kubectl: Kubectl) -> None:
    kubectl.bench.run(image="nginx:1.25", restart="Always")
    process, port = await _forwarding(kubectl, "pod/one :80")
    async with httpx2.AsyncClient() as client:
        answers = [await client.get(f"http://127.0.0.1:{port}/") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200] * 3
        posted = await client.post(f"http://127.0.0.1:{port}/nothing-here", content=b"x" * 200_000)
        assert posted.status_code == 404
    process.terminate()
    await process.wait()


async def test_port_forward_to_a_port_that_nobody_listens_on(kubectl: Kubectl) -> None:
    kubectl.bench.run(image="nginx:1.25", restart="Always")
    process, port = await _forwarding(kubectl, "pod/one :9999")
    async with httpx2.AsyncClient() as client:
        with pytest.raises(httpx2.TransportError):
            await client.get(f"http://127.0.0.1:{port}/")
    _, err = await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode == 1
    assert "dial tcp4 127.0.0.1:9999: connect: connection refused" in err.decode()
    assert err.decode().endswith("error: lost connection to pod\n")


async def test_run_and_logs(kubectl: Kubectl) -> None:
    script = "while true; do date; sleep 5; done"
    assert (await kubectl("run clock --image=busybox --restart=Never -- sh -c", script))[0] == 0
    assert (await kubectl("wait pod/clock --for=condition=Ready --timeout=30s"))[0] == 0
    code, out, _ = await kubectl("logs clock --tail=1 --timestamps")
    assert (code, len(out.splitlines())) == (0, 1)
    assert out.split()[0].endswith("Z")
    await kubectl("run once --image=busybox --restart=Never -- sh -c", "echo first; sleep 30; echo last; exit 4")
    await kubectl("wait pod/once --for=condition=Ready --timeout=30s")
    code, out, _ = await kubectl("logs -f once")
    assert (code, out) == (0, "first\nlast\n")
    assert "Error" in (await kubectl("get pod once"))[1]


async def test_a_crashed_container_shows_its_log_before(kubectl: Kubectl) -> None:
    await kubectl("run crash --image=busybox -- sh -c", "echo broken; exit 1")
    for _ in range(100):
        code, out, _ = await kubectl("logs crash -p")
        if code == 0:
            break
        await pause(0.05)
    assert (code, out) == (0, "broken\n")
    for _ in range(100):  # it is also started again, for a moment each time
        shown = (await kubectl("get pod crash"))[1]
        if "Running" not in shown:
            break
        await pause(0.05)
    assert "CrashLoopBackOff" in shown or "Error" in shown


async def test_attach_ends_with_the_container(kubectl: Kubectl) -> None:
    await kubectl("run talk --image=busybox --restart=Never -- sh -c", "sleep 300; echo bye")
    await kubectl("wait pod/talk --for=condition=Ready --timeout=30s")
    code, out, _ = await kubectl("attach talk")
    assert (code, out) == (0, "bye\n")


async def test_debug_adds_a_container(kubectl: Kubectl) -> None:
    kubectl.bench.run(image="nginx:1.25", restart="Always")
    code, _, err = await kubectl("debug one --image=busybox:1.36 -c look --profile=general -- sleep 3600")
    assert code == 0, err
    for _ in range(100):
        code, out, _ = await kubectl("exec one -c look -- hostname")
        if code == 0:
            break
        await pause(0.05)
    assert out == "one\n"
