"""Bandwidths that pods are given by annotations, as the bandwidth plugin of CNI shapes them.

Source: "Support traffic shaping" of Kubernetes' page on network plugins; its quantities are bits a second."""

from __future__ import annotations

from dataclasses import replace
from zlib import crc32

from aiops.core.entity import Manifest
from aiops.core.errors import InvalidInputError
from aiops.core.quantity import parse_quantity
from aiops.lab.traffic.network.interference import Path
from aiops.lab.traffic.network.policies import Peer

_ANNOTATIONS = ("kubernetes.io/ingress-bandwidth", "kubernetes.io/egress-bandwidth")


def bandwidth_of(pod: Manifest) -> float:
    """Bytes a second that a pod may receive or send, whichever is less; 0 where neither is limited."""
    annotations = pod["metadata"].get("annotations") or {}
    bits = [found for name in _ANNOTATIONS if name in annotations and (found := _bits(annotations[name]))]
    return min(bits) / 8 if bits else 0.0


def shaped(way: Path, *ends: Peer) -> Path:
    """The way through the bandwidths of the pods at its ends; each has one for all that it sends and receives."""
    narrow = tuple((_number(end), end.bandwidth) for end in ends if end.bandwidth)
    return replace(way, narrow=(*way.narrow, *narrow)) if narrow else way


def _number(peer: Peer) -> int:
    """A number of the pod's own, apart from those of disturbances, which count from 0."""
    return -1 - crc32(f"{peer.namespace}/{peer.name}".encode())


def _bits(text: str) -> float:
    try:
        return parse_quantity(text)
    except InvalidInputError:
        return 0.0
