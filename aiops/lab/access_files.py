"""What a running lab leaves in its folder: a kubeconfig for each user, and where its other APIs are."""

from __future__ import annotations

import base64
import json
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from aiops.core.file_lock import held
from aiops.core.private_file import write_private

if TYPE_CHECKING:
    from aiops.lab.certificates import ServerCertificate

STATE_FILE = "lab.json"
READY_FILE = "ready"
"""Is there once every API answers and all other files are written."""

LOCK_FILE = "lock"
_CLUSTER = "kubernetes"


@contextmanager
def folder_of_its_own(directory: Path) -> Generator[None]:
    """Keep a folder, made where it is missing, for one lab; the lock ends with the process, however that ends. Raises
    `ConfigurationError` where another lab runs in it, whose kubeconfigs would be overwritten."""
    directory.mkdir(parents=True, exist_ok=True)
    with held(directory / LOCK_FILE, f"a lab runs in {directory} already: end it, or name another folder with --dir"):
        yield


def write_kubeconfig(
    directory: Path, user: str, *, server: str, certificate: ServerCertificate, token: str, namespace: str
) -> None:
    """Write `USER.kubeconfig`, readable by its owner alone."""
    authority = base64.b64encode(certificate.trusted.encode()).decode()
    context = f"{user}@{_CLUSTER}"
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": _CLUSTER, "cluster": {"server": server, "certificate-authority-data": authority}}],
        "users": [{"name": user, "user": {"token": token}}],
        "contexts": [{"name": context, "context": {"cluster": _CLUSTER, "user": user, "namespace": namespace}}],
        "current-context": context,
    }
    write_private(directory / f"{user}.kubeconfig", yaml.safe_dump(config))


def write_state(directory: Path, state: dict[str, Any]) -> None:
    """Write the file from which other processes learn where the lab is; it holds tokens, so only its owner reads it."""
    write_private(directory / STATE_FILE, json.dumps(state, indent=2))
