"""Starts a control plane on loopback and stops it; by hand: `python -m tests.cluster.launch`."""

from __future__ import annotations

import base64
import contextlib
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx2

from tests.cluster import parts
from tests.cluster.build import BuildError, binary, version
from tests.cluster.credentials import (
    ACCOUNTS,
    ADMIN,
    kubeconfig_path,
    write_kubeconfig,
    write_signing_key,
    write_tokens,
)
from tests.cluster.kubectl import Kubectl, KubectlError
from tests.cluster.nodes import all_ready, manifests, write_stages
from tests.cluster.people import write_people

GIVEN = "AIOPS_TEST_KUBECONFIG"
"""Names a kubeconfig of a cluster to test against instead of one that is started here."""

PAUSE = 0.1
"""Seconds between two looks at a part that is starting."""

TRIES = 1200
"""Looks before giving up; a busy machine needs most of a minute for the API server."""


class StartError(Exception):
    """A part ended or did not get ready; the message ends with the last lines of its log."""


class Part:
    """One process of a control plane. It ends with its standard input, so it never outlives this process."""

    def __init__(self, program: Path, name: str, flags: list[str], folder: Path) -> None:
        self.name = name
        self._log = folder / f"{name}.log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [program, name, *flags], cwd=folder, stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT
            )

    def wait_until(self, ready: Callable[[], bool]) -> None:
        """Return once `ready` says so. Raises `StartError` when the process ends first or takes too long."""
        for _ in range(TRIES):
            if ready():
                return
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(PAUSE)
                raise StartError(f"{self.name} ended with code {self._process.returncode}:\n{self._tail()}")
        raise StartError(f"{self.name} is not ready after {TRIES * PAUSE:.0f} seconds:\n{self._tail()}")

    def stop(self) -> None:
        """End it at once: nothing that it holds is kept."""
        self._process.kill()
        self._process.communicate()

    def _tail(self) -> str:
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-15:])


@contextmanager
def control_plane(program: Path) -> Generator[Path]:
    """A running control plane with its nodes; gives the admin's kubeconfig. Raises `StartError`.

    Everything lies in a temporary folder, the logs too (`kube-apiserver.log`), and is gone afterwards."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="aiops-cluster-")))
        layout = parts.Layout(folder, *_free_ports(2))

        def start(name: str, flags: list[str]) -> Part:
            part = Part(program, name, flags, folder)
            stack.callback(part.stop)
            return part

        tokens = write_tokens(folder)
        write_signing_key(folder)
        start("etcd", parts.etcd(layout)).wait_until((folder / parts.STORE).exists)
        start("kube-apiserver", parts.api_server(layout)).wait_until(lambda: _ready(layout))
        _write_kubeconfigs(layout, tokens)
        admin = kubeconfig_path(folder, ADMIN.name)
        kubectl = Kubectl(admin)
        write_stages(program, folder)
        start("kube-scheduler", parts.scheduler(layout))
        manager = start("kube-controller-manager", parts.controller_manager(layout))
        kubectl.create(*manifests())
        start("kwok", parts.nodes(layout)).wait_until(lambda: all_ready(kubectl))
        manager.wait_until(lambda: _admits_pods(kubectl))
        yield admin


def _admits_pods(kubectl: Kubectl) -> bool:
    """A pod is refused until its namespace has a service account."""
    return bool(kubectl.run("get", "serviceaccount", "default", "--ignore-not-found"))


def _free_ports(count: int) -> list[int]:
    """Ports that nobody listens on; all are held until the last is found, so that no two are the same."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind((parts.LOOPBACK, 0))
        return [each.getsockname()[1] for each in sockets]


def _server(layout: parts.Layout) -> str:
    return f"https://{parts.LOOPBACK}:{layout.api_port}"


def _ready(layout: parts.Layout) -> bool:
    certificate = layout.folder / parts.CERTIFICATE
    if not certificate.exists():
        return False
    try:
        tls = ssl.create_default_context(cafile=certificate)
        return httpx2.get(f"{_server(layout)}/readyz", verify=tls, trust_env=False).status_code == httpx2.codes.OK
    except (httpx2.TransportError, ssl.SSLError):
        return False


def _write_kubeconfigs(layout: parts.Layout, tokens: dict[str, str]) -> None:
    certificate = base64.b64encode((layout.folder / parts.CERTIFICATE).read_bytes()).decode()
    cluster = {"server": _server(layout), "certificate-authority-data": certificate}
    for account in ACCOUNTS:
        write_kubeconfig(layout.folder, account.name, cluster, {"token": tokens[account.name]})


def main() -> None:
    """Run a control plane until interrupted, and say where its kubeconfigs are."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        with control_plane(binary()) as admin, contextlib.suppress(KeyboardInterrupt):
            people = write_people(admin, admin.parent)
            lines = [f"Kubernetes {version()} runs until interrupted; logs are in {admin.parent}"]
            lines += [f"  export KUBECONFIG={path}  # {name}" for name, path in people.items()]
            sys.stdout.write("\n".join(lines) + "\n")
            sys.stdout.flush()
            signal.pause()
    except (BuildError, StartError, KubectlError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
