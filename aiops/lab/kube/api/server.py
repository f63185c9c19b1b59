"""What answering a request needs: the objects, who the callers are, and what containers do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from aiops.lab.kube.access.impersonation import Impersonator
from aiops.lab.kube.access.tokens import TokenIssuer
from aiops.lab.kube.access.user import User
from aiops.lab.kube.storage.store import ObjectStore
from aiops.lab.ports import Runtime

LogReader = Callable[[str, float | None, int | None], list[tuple[float, str]]]
"""(container id, since, tail) -> (unix seconds, line); `Runtime.logs`."""


@dataclass(frozen=True, slots=True)
class Server:
    """`tokens` says who a bearer token is, `issuer` whom the tokens of service accounts stand for; `logs` reads
    container logs, `runtime` runs commands in containers; without one there is nothing to run them in."""

    store: ObjectStore
    tokens: Mapping[str, User]
    logs: LogReader
    issuer: TokenIssuer
    impersonator: Impersonator = field(default_factory=Impersonator)
    runtime: Runtime | None = None
