"""Builds the control plane's one binary from Go modules, once for each state of its sources."""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

SOURCES = Path(__file__).parent / "controlplane"
NAME = "controlplane"


class BuildError(Exception):
    """The binary cannot be built here; the message says what is missing."""


def binary() -> Path:
    """The binary, built first where the cache does not have it. Raises `BuildError`.

    The cache is `aiops/controlplane` in the user's cache folder, outside of any checkout. A build from nothing
    downloads the modules and compiles for a quarter of an hour or more; two at once wait for each other."""
    target = cached()
    if target.is_file():
        return target
    go = shutil.which("go")
    if go is None:
        raise BuildError("Go is not on the path: install it, or name a cluster with AIOPS_TEST_KUBECONFIG")
    target.parent.mkdir(parents=True, exist_ok=True)
    with (target.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.is_file():
            _build(go, target)
    return target


def cached() -> Path:
    """Where the binary of the present sources lies, or will once it is built."""
    return cache_folder() / fingerprint() / NAME


def version() -> str:
    """The Kubernetes version that the sources name (`v1.36.3`)."""
    found = re.search(r"^\s+k8s\.io/kubernetes (v[\d.]+)$", (SOURCES / "go.mod").read_text(), re.MULTILINE)
    if found is None:
        raise BuildError(f"{SOURCES / 'go.mod'} does not require k8s.io/kubernetes")
    return found[1]


def cache_folder() -> Path:
    """Where binaries are kept, one folder for each state of the sources."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "aiops" / NAME


def fingerprint() -> str:
    """Names the state of the sources, the flags of the build and the machine's kind."""
    digest = hashlib.sha256(" ".join([platform.system(), platform.machine(), *_flags()]).encode())
    for path in sorted([*SOURCES.glob("*.go"), SOURCES / "go.mod", SOURCES / "go.sum"]):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _flags() -> list[str]:
    return ["-mod=readonly", "-buildvcs=false", "-trimpath", "-ldflags", _linker_flags()]


def _linker_flags() -> str:
    """Small, and with the version in it: without, the API server says that it is v0.0.0-master."""
    major, minor, _ = version().removeprefix("v").split(".")
    values = {"gitVersion": version(), "gitMajor": major, "gitMinor": minor}
    packages = ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")
    stamps = [f"-X {package}.{key}={value}" for package in packages for key, value in values.items()]
    return " ".join(["-s", "-w", *stamps])


def _build(go: str, target: Path) -> None:
    draft = target.with_suffix(".draft")
    # No C: the same binary whether or not the machine has a compiler for it.
    environment = {**os.environ, "CGO_ENABLED": "0"}
    done = subprocess.run([go, "build", *_flags(), "-o", str(draft), "."], cwd=SOURCES, env=environment, check=False)
    if done.returncode:
        raise BuildError(f"go build in {SOURCES} failed, see above")
    draft.replace(target)


def main() -> None:
    """Build, and say where the binary is; with `--cached` only say it, and fail where it is not there."""
    if "--cached" in sys.argv and not cached().is_file():
        sys.exit("not built yet")
    try:
        sys.stdout.write(f"{binary()}\n")
    except BuildError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
