"""Building and starting: what is cached, what is closed to others, and what a killed launcher leaves behind."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import stat
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from tests.cluster import build
from tests.cluster.launch import GIVEN, PAUSE, TRIES, Part, StartError

pytestmark = [pytest.mark.cluster, pytest.mark.skipif(GIVEN in os.environ, reason=f"{GIVEN} names a cluster")]


@pytest.fixture
def launched() -> Generator[tuple[subprocess.Popen[str], Path]]:
    """The launcher as a process of its own, and the kubeconfig that it says is the admin's."""
    command = [sys.executable, "-m", "tests.cluster.launch"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
    assert process.stdout is not None
    found = re.search(r"KUBECONFIG=(\S+)  # admin", "".join(process.stdout.readline() for _ in range(2)))
    assert found is not None
    yield process, Path(found[1])
    process.kill()
    process.communicate()
    shutil.rmtree(Path(found[1]).parent, ignore_errors=True)


def _listens(kubeconfig: Path) -> bool:
    address = urlsplit(yaml.safe_load(kubeconfig.read_text())["clusters"][0]["cluster"]["server"])
    try:
        socket.create_connection((address.hostname, address.port), timeout=5).close()
    except OSError:
        return False
    return True


def _stops_listening(process: subprocess.Popen[str], kubeconfig: Path) -> bool:
    for _ in range(TRIES):
        if not _listens(kubeconfig):
            return True
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=PAUSE)
    return False


def test_only_the_owner_reads_credentials(launched: tuple[subprocess.Popen[str], Path]) -> None:
    process, admin = launched
    assert stat.S_IMODE(admin.parent.stat().st_mode) == 0o700
    secret = [*admin.parent.glob("*.kubeconfig"), admin.parent / "tokens.csv", admin.parent / "service-accounts.key"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in secret} == {0o600}
    process.terminate()
    assert process.wait(30) == 0
    assert not admin.parent.exists()


def test_a_killed_launcher_leaves_no_process(launched: tuple[subprocess.Popen[str], Path]) -> None:
    process, admin = launched
    assert _listens(admin)
    process.kill()
    assert _stops_listening(process, admin)


def test_a_part_that_ends_is_reported_with_its_log(tmp_path: Path) -> None:
    part = Part(build.binary(), "kube-apiserver", ["--no-such-flag"], tmp_path)
    with pytest.raises(StartError, match=r"(?s)kube-apiserver ended with code 1:.*unknown flag: --no-such-flag"):
        part.wait_until(lambda: False)
    part.stop()


def test_a_change_of_the_sources_is_another_binary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = build.fingerprint()
    for path in filter(Path.is_file, build.SOURCES.iterdir()):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(build, "SOURCES", tmp_path)
    assert build.fingerprint() == before
    with (tmp_path / "go.sum").open("a") as sums:
        sums.write("\n")
    assert build.fingerprint() != before


def test_without_go_the_error_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(build.BuildError, match="Go is not on the path"):
        build.binary()
