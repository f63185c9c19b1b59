"""What happens to packets between pods, and to the names that they look up."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from aiops.core.disturbance.scope import OnPods, Percent, Pods, Seconds

Direction = Literal["to", "from", "both"]


class Packets(OnPods):
    """Connections that `pods` open to `peers` (`to`), that these open to them (`from`), or both; no peers: everyone."""

    peers: Pods | None = None
    direction: Direction = "both"


class NetworkDelay(Packets):
    """A round trip takes longer, with a standard deviation of `jitter_seconds`."""

    kind: Literal["network.delay"] = "network.delay"
    seconds: float = Field(gt=0, le=60)
    jitter_seconds: float = Field(0.0, ge=0, le=60)


class NetworkLoss(Packets):
    """A share of the packets never arrives."""

    kind: Literal["network.loss"] = "network.loss"
    percent: Percent


class NetworkCorruption(Packets):
    """A share of the packets arrives with wrong bits, so that the receiver drops them."""

    kind: Literal["network.corruption"] = "network.corruption"
    percent: Percent


class NetworkDuplication(Packets):
    """A share of the packets arrives twice."""

    kind: Literal["network.duplication"] = "network.duplication"
    percent: Percent


class NetworkBandwidth(Packets):
    """All that flows this way has to go through so many bytes a second."""

    kind: Literal["network.bandwidth"] = "network.bandwidth"
    bytes_per_second: float = Field(ge=1_000, le=1e12)


class NetworkPartition(Packets):
    """Nothing arrives."""

    kind: Literal["network.partition"] = "network.partition"


class DnsFailure(OnPods):
    """A share of the look-ups of these names by these pods fails. Names are `service.namespace`; none: all names."""

    kind: Literal["dns.failure"] = "dns.failure"
    names: tuple[str, ...] = ()
    percent: Percent = 100.0


class DnsAnswer(OnPods):
    """Look-ups of these names by these pods get this address, which may be anybody's or nobody's.

    A stale answer is one with the address that the Service had before."""

    kind: Literal["dns.answer"] = "dns.answer"
    names: tuple[str, ...] = Field(min_length=1)
    address: str = Field(pattern=r"^\d{1,3}(\.\d{1,3}){3}$")


class _Requests(OnPods):
    """A share of the requests to an operation (`METHOD /path`) of these pods on a port; an empty operation is every
    one, 0 every port."""

    operation: str = ""
    port: int = Field(0, ge=0, le=65_535)
    percent: Percent = 100.0


class HttpAbort(_Requests):
    """The connection is closed before the answer; the client sees a gateway's 502."""

    kind: Literal["http.abort"] = "http.abort"


class HttpDelay(_Requests):
    """The answer comes later."""

    kind: Literal["http.delay"] = "http.delay"
    seconds: Seconds


class HttpReplace(_Requests):
    """The answer has another status."""

    kind: Literal["http.replace"] = "http.replace"
    status: Literal[404, 500, 502, 503, 504]


NetworkDisturbance = (
    NetworkDelay | NetworkLoss | NetworkCorruption | NetworkDuplication | NetworkBandwidth | NetworkPartition
)
DnsDisturbance = DnsFailure | DnsAnswer
HttpDisturbance = HttpAbort | HttpDelay | HttpReplace
