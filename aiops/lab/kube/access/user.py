"""Who acts on the cluster: people, service accounts, nodes, components."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

MASTERS = "system:masters"
AUTHENTICATED = "system:authenticated"
UNAUTHENTICATED = "system:unauthenticated"
ALL_SERVICE_ACCOUNTS = "system:serviceaccounts"
NODES = "system:nodes"
SERVICE_ACCOUNT_PREFIX = "system:serviceaccount:"
NODE_PREFIX = "system:node:"

Extra = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class User:
    """A caller by name, groups, uid and further attributes (sorted pairs of key and values)."""

    name: str
    groups: tuple[str, ...] = ()
    uid: str = ""
    extra: Extra = field(default=())

    def info(self) -> dict[str, object]:
        """As `UserInfo` of authentication.k8s.io/v1."""
        found: dict[str, object] = {"username": self.name}
        if self.uid:
            found["uid"] = self.uid
        if self.groups:
            found["groups"] = list(self.groups)
        if self.extra:
            found["extra"] = {key: list(values) for key, values in self.extra}
        return found


ANONYMOUS = User("system:anonymous", (UNAUTHENTICATED,))
API_SERVER = User("system:apiserver", (MASTERS, AUTHENTICATED))
"""Who writes what the API server itself needs."""


def service_account(namespace: str, name: str, uid: str = "", extra: Extra = ()) -> User:
    """The user that a service account's token stands for."""
    groups = (ALL_SERVICE_ACCOUNTS, f"{ALL_SERVICE_ACCOUNTS}:{namespace}")
    return User(f"{SERVICE_ACCOUNT_PREFIX}{namespace}:{name}", groups, uid, extra)


@lru_cache(maxsize=64)
def controller(name: str) -> User:
    """The user of a controller of the controller manager, which has an account for each."""
    user = service_account("kube-system", name)
    return User(user.name, (*user.groups, AUTHENTICATED))


@lru_cache(maxsize=8)
def component(name: str) -> User:
    """A part of the control plane with a user of its own, such as `kube-scheduler`."""
    return User(f"system:{name}", (AUTHENTICATED,))


@lru_cache(maxsize=8192)
def node_user(name: str) -> User:
    """The user of a node's kubelet."""
    return User(f"{NODE_PREFIX}{name}", (NODES, AUTHENTICATED))


def account_of(user: User) -> tuple[str, str] | None:
    """Namespace and name of the service account that a user stands for."""
    if not user.name.startswith(SERVICE_ACCOUNT_PREFIX):
        return None
    namespace, _, name = user.name.removeprefix(SERVICE_ACCOUNT_PREFIX).partition(":")
    return (namespace, name) if namespace and name and ":" not in name else None


def node_of(user: User) -> str:
    """The node whose kubelet a user is; empty for anybody else."""
    return user.name.removeprefix(NODE_PREFIX) if user.name.startswith(NODE_PREFIX) and NODES in user.groups else ""
