"""Keys, tokens and kubeconfigs of a control plane, in a folder that only its owner can read."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from aiops.core.private_file import write_private

TOKENS, KEY = "tokens.csv", "service-accounts.key"


@dataclass(frozen=True, slots=True)
class Account:
    """A user that the API server knows by a token."""

    name: str
    groups: tuple[str, ...] = ()


ADMIN = Account("admin", ("system:masters",))
MANAGER = Account("system:kube-controller-manager")
SCHEDULER = Account("system:kube-scheduler")
NODES = Account("kwok", ("system:masters",))
ACCOUNTS = (ADMIN, MANAGER, SCHEDULER, NODES)
"""Who has a token from the start. Everybody else is impersonated by the admin or asks for a token."""


def write_tokens(folder: Path) -> dict[str, str]:
    """Write the API server's token file; returns the token of each account by its name."""
    tokens = {account.name: secrets.token_hex(16) for account in ACCOUNTS}
    lines = [f'{tokens[a.name]},{a.name},{a.name},"{",".join(a.groups)}"' for a in ACCOUNTS]
    write_private(folder / TOKENS, "\n".join(lines) + "\n")
    return tokens


def write_signing_key(folder: Path) -> None:
    """Write the key that signs and checks the tokens of service accounts."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    write_private(folder / KEY, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())


def kubeconfig_path(folder: Path, name: str) -> Path:
    """Where the kubeconfig of `name` lies."""
    return folder / f"{name.removeprefix('system:')}.kubeconfig"


def write_kubeconfig(folder: Path, name: str, cluster: dict[str, Any], user: dict[str, Any]) -> Path:
    """Write a kubeconfig with one context; `cluster` and `user` are its entries. JSON is YAML."""
    path = kubeconfig_path(folder, name)
    context = {"cluster": "test", "user": name, "namespace": "default"}
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "test", "cluster": cluster}],
        "users": [{"name": name, "user": user}],
        "contexts": [{"name": "test", "context": context}],
        "current-context": "test",
    }
    write_private(path, json.dumps(content, indent=1) + "\n")
    return path
