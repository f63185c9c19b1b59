"""API priority and fairness: whose requests go on when there are too many of them.

Each request belongs to a flow (its user) of a priority level, by the flow schemas that a new cluster has. The lab
serves what comes at once; a flow with more requests under way than its level has seats, and its queues have places, is
told to come back later. Source: the suggested configuration of the API server's `flowcontrol` bootstrap.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import NAMESPACE_DNS, uuid5

from aiops.lab.kube.access.user import MASTERS, User
from aiops.lab.kube.api.request import RequestInfo
from aiops.lab.kube.storage.store import ObjectStore

RETRY_SECONDS = 1
QUEUED = 300
"""Places for one flow: the six queues of its hand, of fifty each."""

_CONTROLLERS = ("system:kube-controller-manager", "system:kube-scheduler")
SEATS = {
    "system": 74,
    "node-high": 98,
    "workload-high": 98,
    "workload-low": 245,
    "global-default": 49,
    "catch-all": 13,
}
"""Of the 600 requests that a server takes at once, by the levels' shares."""

CROWDED = frozenset({"workload-low"})
"""The level that programs in pods overload together: their service accounts'. People have seats of their own."""

_GOLDEN = 0.6180339887498949

_PROBES = ("/healthz", "/livez", "/readyz")


class TooManyRequestsError(Exception):
    """A flow has too many requests under way."""


@dataclass(frozen=True, slots=True)
class Flow:
    """A flow schema by name, its priority level, and whose flow it is."""

    schema: str
    level: str
    who: str = ""


def flow_of(user: User, info: RequestInfo) -> Flow:
    """The flow of a request, by the first flow schema that fits."""
    if MASTERS in user.groups:
        return Flow("exempt", "exempt")
    if info.path in _PROBES:
        return Flow("probes", "exempt")
    if "system:nodes" in user.groups:
        high = info.plural in ("nodes", "leases") and info.verb != "list"
        return Flow("system-node-high", "node-high", user.name) if high else Flow("system-nodes", "system", user.name)
    if user.name in _CONTROLLERS or "system:serviceaccounts:kube-system" in user.groups:
        return Flow("kube-system-service-accounts", "workload-high", user.name)
    if "system:serviceaccounts" in user.groups:
        return Flow("service-accounts", "workload-low", user.name)
    if "system:authenticated" in user.groups:
        return Flow("global-default", "global-default", user.name)
    return Flow("catch-all", "catch-all", user.name)


@dataclass(slots=True)
class Fairness:
    """The requests under way, by flow."""

    store: ObjectStore
    _under_way: Counter[Flow] = field(default_factory=Counter)
    _phase: float = 0.0

    @contextmanager
    def seat(self, flow: Flow) -> Iterator[None]:
        """A place for one request. Raises `TooManyRequestsError`."""
        if flow.level != "exempt" and self._under_way[flow] >= SEATS[flow.level] + QUEUED:
            raise TooManyRequestsError
        if flow.level in CROWDED and self._turns_away():
            raise TooManyRequestsError
        self._under_way[flow] += 1
        try:
            yield
        finally:
            self._under_way[flow] -= 1
            if not self._under_way[flow]:
                del self._under_way[flow]

    def _turns_away(self) -> bool:
        """Whether the places of a crowded level are taken; spread evenly over its requests."""
        if not self.store.turned_away:
            return False
        self._phase = (self._phase + _GOLDEN) % 1.0
        return self._phase < self.store.turned_away

    def headers(self, flow: Flow) -> dict[str, str]:
        """What an answer says of its flow."""
        return {
            "x-kubernetes-pf-flowschema-uid": self._uid("FlowSchema", flow.schema),
            "x-kubernetes-pf-prioritylevel-uid": self._uid("PriorityLevelConfiguration", flow.level),
        }

    def _uid(self, kind: str, name: str) -> str:
        found = self.store.find(kind, "", name)
        return str(found["metadata"]["uid"]) if found else str(uuid5(NAMESPACE_DNS, f"{kind}/{name}"))
